import { expect, test } from 'vitest'
import { ModelSpace } from '../../../src/search/model-space'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import type { Kernels } from '../../../src/search/kernels/kernels'
import { loadKernels } from '../../../src/search/kernels/load-kernels'
import { ScalarKernels } from '../../../src/search/kernels/scalar-kernels'
import { shapeOf } from '../../../src/search/kernels/shape'
import { KernelMeter } from '../../tools/kernel-meter'
import { clustered, request, rowsOf } from '../../tools/vectors'

const DIMS = 384
const vectors = clustered({ dims: DIMS, count: 500 })

/**
 * Measured on the machines of docs/benchmarks.md: SIMD scans 7 GB/s of codes and 15 GB/s of rows, and takes half a microsecond for a
 * step of encoding; plain JavaScript 0.2 and 0.6 GB/s, and 8 microseconds.
 */
const SIMD = { code: 1 / 7, row: 1 / 15, call: 500 }
const PLAIN = { code: 5, row: 1 / 0.6, call: 8_000 }
const simd = async () => (await loadKernels()).make()
const plain = async () => new ScalarKernels() as Kernels
/** Milliseconds that work may take between two pauses, of 30 that are promised: a machine may be half as fast. */
const MOST = 15

test.each([
  ['SIMD', 100_000, simd, SIMD],
  ['plain JavaScript', 20_000, plain, PLAIN],
] as const)(
  '%s scans hold the thread for less than 30 ms, by the bytes of a slice',
  async (_name, count, make, costs) => {
    const meter = new KernelMeter(shapeOf(DIMS), costs)
    const options = { centroid: new Float32Array(DIMS), clustersFrom: Infinity }
    const index = new CodeIndex(meter.wrap(await make()), DIMS, options)
    for (let row = 0; row < count; row++) index.set(row, vectors[row % vectors.length]!)
    meter.forget()
    for (const recall of [0.95, 1]) {
      const all = rowsOf(Array(count).keys())
      await index.scan(request({ query: vectors[7]!, all, recall, pause: meter.pause }))
      await meter.pause()
    }
    expect(meter.mostCodes).toBeGreaterThan(1e6)
    expect(meter.mostRows).toBeGreaterThan(1e6)
    expect(meter.longest).toBeLessThan(MOST)
  },
  60_000,
)

test.each([
  ['SIMD', 40_000, simd, SIMD, undefined],
  ['SIMD in small slices', 20_000, simd, SIMD, 2 ** 18],
  ['plain JavaScript', 4_000, plain, PLAIN, undefined],
] as const)(
  '%s makes, calibrates and renews clusters in slices of less than 30 ms, by the steps of each',
  async (_name, count, make, costs, slice) => {
    const meter = new KernelMeter(shapeOf(DIMS), costs)
    const options = { centroid: new Float32Array(DIMS), clustersFrom: count / 2, pause: meter.pause }
    const index = new CodeIndex(meter.wrap(await make(), slice), DIMS, options)
    const add = async (from: number, to: number) => {
      for (let row = from; row < to; row++) {
        index.set(row, vectors[row % vectors.length]!)
        // Adding is the caller's own work, in slices of its own.
        if (row % 64 === 0) await meter.pause()
      }
      await index.settled()
    }
    await add(0, count)
    expect(index.clusters).toBeGreaterThan(16)
    const made = meter.pauses
    // One and a half turnovers: the clusters are made anew. Then so few are left that they grow smaller.
    await add(0, count)
    await add(0, count)
    for (let row = count / 4; row < count; row++) index.unset(row)
    meter.forget()
    await index.settled()
    expect(meter.pauses).toBeGreaterThan(made + 100)
    expect(meter.longest).toBeGreaterThan(0.01)
    expect(meter.longest).toBeLessThan(MOST)
    // The list at hand is scanned to its end before the next pause.
    if (slice !== undefined) expect(meter.mostCodes).toBeLessThan(2 * slice)
  },
  120_000,
)

test.each([
  ['SIMD', 384, 6_000, simd, SIMD],
  ['SIMD', 8192, 1_030, simd, SIMD],
  ['plain JavaScript', 384, 2_000, plain, PLAIN],
  ['plain JavaScript', 2048, 1_030, plain, PLAIN],
] as const)(
  '%s in %i dimensions moves %i vectors to codes in slices of less than 30 ms',
  async (name, dims, count, make, costs) => {
    const factor = dims / DIMS
    const meter = new KernelMeter(shapeOf(dims), { ...costs, call: costs.call * factor })
    const source = {
      name: name === 'SIMD' ? 'wasm-simd' : 'scalar',
      make: async () => meter.wrap(await make()),
    } as const
    const found = async (ids: readonly string[]) => ids.map(id => vectors[Number(id.slice(2)) % 20]!.unit)
    const vectors = clustered({ dims, count: 20 })
    const space = new ModelSpace('m', dims, { kernels: async () => source, vectors: found, pause: meter.pause })
    const entry = (i: number) => ({ id: `id${i}`, model: 'm', author: 'a', time: i, vector: vectors[i % 20]!.unit })
    // So fast that no slice comes in between: all are there when the first does.
    for (let i = 0; i < count; i++) space.add(entry(i), new Float32Array(dims))
    await space.settled()
    expect(meter.pauses).toBeGreaterThanOrEqual(Math.floor((count * factor) / 512))
    expect(meter.longest).toBeGreaterThan(0.01)
    expect(meter.longest).toBeLessThan(MOST)
    const asked = { query: vectors[3]!, metric: 'cosine', k: 3, minScore: -1, recall: 0.9, now: 0 } as const
    expect((await space.search(asked, {})).hits[0]).toMatchObject({ id: expect.stringMatching(/^id\d+$/) as string })
  },
  60_000,
)
