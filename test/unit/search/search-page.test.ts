import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectPrinted, pageOf } from '../../tools/page-example'

const page = pageOf('search.md')

test('the example prints what the page shows', () => expectPrinted('search.md'))

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
