import { expect, test } from 'vitest'
import { relaxedSimd, simd } from '../../src/search/kernels/binaries.generated'
import { CodeIndex } from '../../src/search/kernels/code-index'
import type { Kernels } from '../../src/search/kernels/kernels'
import { SearchEngine } from '../../src/search/search-engine'
import { fakeBlock } from '../tools/fake-block'
import { clustered, near, request, rowsOf } from '../tools/vectors'

const DIMS = 200
const vectors = clustered({ dims: DIMS, count: 1_500 })

/** An index by the kernels that are inlined as this text. */
async function indexBy(base64: string): Promise<CodeIndex> {
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
  const module = await WebAssembly.compile(bytes)
  const kernels = (await WebAssembly.instantiate(module)).exports as unknown as Kernels
  const index = new CodeIndex(kernels, DIMS, { centroid: vectors[0]!.unit, clustersFrom: 1_000 })
  vectors.forEach((vector, row) => index.set(row, vector))
  await index.settled()
  return index
}

test('with and without relaxed SIMD the same is found to the last bit, and status names what runs', async () => {
  const [plain, relaxed] = await Promise.all([simd, relaxedSimd].map(indexBy))
  const all = rowsOf(vectors.keys())
  for (const query of near(vectors, 20)) {
    for (const recall of [0.8, 0.95, 1]) {
      const asked = request({ query, all, recall, refine: true })
      const [ours, theirs] = [await plain!.scan(asked), await relaxed!.scan(asked)]
      expect(theirs).toEqual(ours)
      expect(ours.candidates.length).toBeGreaterThanOrEqual(10)
    }
  }
  const engine = new SearchEngine()
  vectors.forEach(({ unit }, row) => engine.add(fakeBlock({ id: `id ${row}`, vector: unit })))
  await engine.settled()
  expect((await engine.look()).kernels).toBe('wasm-relaxed-simd')
})
