import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { POLICIES } from '../../../src/index'

const read = (page: string) => readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8')

test.each(['policies', 'cosmic-validation'])('the example of %s.md prints what the page shows', async name => {
  const [, example = '', output = ''] = /^```ts\n(.*?)^```\n\n^```\n(.*?)^```/ms.exec(read(name)) ?? []
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-policies-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'example.ts')
  const source = fileURLToPath(new URL('../../../src/index.ts', import.meta.url))
  writeFileSync(file, example.replace(`'cosmic-embeddings'`, `'${source}'`))
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => log.mockRestore())
  await import(/* @vite-ignore */ file)
  expect(output.trim()).not.toBe('')
  expect(log.mock.calls.map(parts => parts.join(' ')).join('\n')).toBe(output.trim())
})

test('the page names every preset', () => {
  for (const name of Object.keys(POLICIES)) expect(read('policies')).toContain(`| \`${name}\``)
})
