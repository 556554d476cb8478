import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'

const page = readFileSync(new URL('../../../docs/search.md', import.meta.url), 'utf8')
const [, example = '', output = ''] = /^```ts\n(.*?)^```\n\n^```\n(.*?)^```/ms.exec(page) ?? []

test('the example prints what the page shows', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-search-page-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'example.ts')
  const source = fileURLToPath(new URL('../../../src/index.ts', import.meta.url))
  writeFileSync(file, example.replace(`'cosmic-embeddings'`, `'${source}'`))
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => log.mockRestore())
  await import(/* @vite-ignore */ file)
  expect(log.mock.calls.map(parts => parts.join(' ')).join('\n')).toBe(output.trim())
})

/** The other examples are what these tests run. */
test.each([
  ['worker.test.ts', "() => new Worker(new URL('cosmic-embeddings/worker', import.meta.url), { type: 'module' })"],
  ['worker.test.ts', "() => new Worker(new URL(import.meta.resolve('cosmic-embeddings/worker')))"],
  ['worker.test.ts', "() => new Worker('/worker.js', { type: 'module' })"],
  ['workerd.test.ts', "import module from 'cosmic-embeddings/search.wasm'"],
  ['../unit/client/hybrid.test.ts', 'search: { keywords: miniSearch }'],
  ['csp.test.ts', "script-src 'self' 'wasm-unsafe-eval'"],
])('%s runs %s', (file, recipe) => {
  expect(page).toContain(recipe)
  expect(readFileSync(new URL(`../../packaging/${file}`, import.meta.url), 'utf8')).toContain(recipe)
})
