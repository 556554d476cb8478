import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'

const page = readFileSync(new URL('../../../docs/versions-and-deletion.md', import.meta.url), 'utf8')
const [, example = '', output = ''] = /^```ts\n(.*?)^```\n\n^```\n(.*?)^```/ms.exec(page) ?? []

test('the example prints what the page shows', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-versions-'))
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
