import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'

const page = readFileSync(new URL('../../../docs/storage.md', import.meta.url), 'utf8')
const [, example = '', output = ''] = /^## Backup and moving\n\n^```ts\n(.*?)^```\n\n^```\n(.*?)^```/ms.exec(page) ?? []
const source = (file: string) => fileURLToPath(new URL(`../../../src/${file}.ts`, import.meta.url))

test('the example of moving prints what the page shows', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-moving-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'example.ts')
  const text = example
    .replace(`'cosmic-embeddings'`, `'${source('index')}'`)
    .replace(`'cosmic-embeddings/storage/lmdb'`, `'${source('adapters/storage/lmdb')}'`)
    .replace(`'./agent-memory'`, `'${path.join(folder, 'agent-memory')}'`)
  writeFileSync(file, text)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => log.mockRestore())
  await import(/* @vite-ignore */ file)
  expect(output.trim()).not.toBe('')
  expect(log.mock.calls.map(parts => parts.join(' ')).join('\n')).toBe(output.trim())
})
