import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SearchPorts } from '../../../src/search/index'
import { directionOf } from '../../../src/search/unit-vector'
import { SearchEngine } from '../../../src/search/search-engine'
import type { BlockStore, StoredBlock } from '../../../src/store/index'
import { fakeBlock } from '../../tools/fake-block'
import { bestOf, clustered, near, normalNumbers } from '../../tools/vectors'

const model = 'test:model'
const vectors = clustered({ dims: 48, count: 3000, norm: row => 1 + (row % 5) })
const scaled = (row: number) => vectors[row]!.unit.map(value => value * vectors[row]!.norm)
const idOf = (row: number) => `id ${String(row).padStart(5, '0')}`
const tagsOf = (row: number) => (row % 100 === 0 ? ['rare'] : row % 3 === 0 ? ['common'] : [])
const block = (row: number) => fakeBlock({ id: idOf(row), vector: scaled(row), tags: tagsOf(row) })
const idsOf = (hits: readonly { id: string }[]) => hits.map(({ id }) => id)
const expected = (row: number, options = {}) => bestOf(vectors, vectors[row]!, options).map(hit => idOf(hit.row))

/** An engine with every vector; `stored`: they are read from a store when exactness needs them. */
async function filled({ stored = false, ...ports }: SearchPorts & { stored?: boolean } = {}) {
  const engine = new SearchEngine(ports)
  const blocks = vectors.map((_, row) => block(row))
  const byId = new Map(blocks.map(each => [each.block.id, each]))
  const read: string[] = []
  const store = {
    onChange: () => () => {},
    getMany: async (ids: readonly string[]) => ids.map(id => (read.push(id), byId.get(id))),
  } as unknown as BlockStore
  if (stored) engine.follow(store)
  blocks.forEach(each => engine.add(each))
  return { engine, byId, read }
}

afterEach(() => void vi.unstubAllGlobals())

describe('a set that grows large', () => {
  test('is made into codes in the background and stays searchable, exactly, all the while', async () => {
    const { engine } = await filled()
    const [before] = engine.spaces
    expect(engine.kernels).toBe('scalar')
    const ask = () => engine.search({ vector: scaled(7), model, mode: 'exact' })
    expect(idsOf((await ask()).hits)).toEqual(expected(7))
    await engine.settled()
    expect(engine.kernels).toMatch(/^wasm/)
    expect(engine.spaces[0]).toMatchObject({ size: 3000, dims: 48 })
    expect(engine.spaces[0]!.bytes).toBeGreaterThan(before!.bytes)
    const { hits, scanned, mean, deviation } = await ask()
    expect(idsOf(hits)).toEqual(expected(7))
    bestOf(vectors, vectors[7]!).forEach(({ score }, i) => expect(hits[i]!.score).toBeCloseTo(score, 6))
    expect(scanned).toBe(3000)
    const all = bestOf(vectors, vectors[7]!, { k: 3000 }).map(({ score }) => score)
    const trueMean = all.reduce((a, b) => a + b) / 3000
    const trueDeviation = Math.sqrt(all.reduce((sum, score) => sum + (score - trueMean) ** 2, 0) / 3000)
    expect(Math.abs(mean - trueMean)).toBeLessThan(0.3 * trueDeviation)
    expect(deviation / trueDeviation).toBeCloseTo(1, 0)
  })

  test('takes what comes and goes while codes are made', async () => {
    let step = 0
    const { engine } = await filled({
      pause: async () => {
        if (step > 200) return
        engine.remove({ id: idOf(step) })
        engine.add(fakeBlock({ id: `late ${step}`, vector: scaled(step) }))
        step++
      },
    })
    await engine.settled()
    expect(step).toBeGreaterThan(3)
    expect(engine.spaces[0]!.size).toBe(3000)
    for (const row of [0, step - 1]) {
      const { hits } = await engine.search({ vector: scaled(row), model, k: 1, mode: 'exact' })
      expect(idsOf(hits)).toEqual([`late ${row}`])
    }
  })

  test('reads exact vectors from the store and keeps none in memory', async () => {
    const { engine, byId, read } = await filled({ stored: true })
    await engine.settled()
    const inMemory = await filled()
    await inMemory.engine.settled()
    expect(inMemory.engine.spaces[0]!.bytes - engine.spaces[0]!.bytes).toBeGreaterThanOrEqual(3000 * 48 * 4)
    await engine.search({ vector: scaled(7), model })
    expect(read).toEqual([])
    for (const asked of [{ mode: 'exact' as const }, { recall: 0.99 }]) {
      const { hits } = await engine.search({ vector: scaled(7), model, ...asked })
      expect(idsOf(hits)).toEqual(expected(7))
    }
    expect(read.length).toBeGreaterThanOrEqual(20)
    expect(read.length).toBeLessThan(200)
    byId.delete(idOf(7))
    expect(idsOf((await engine.search({ vector: scaled(7), model, mode: 'exact', k: 3 })).hits)).toEqual(
      expected(7).slice(1, 4),
    )
  })

  test('finds at least its share, also under filters, which lose nothing', async () => {
    const { engine } = await filled()
    await engine.settled()
    const queries = near(vectors, 30)
    const share = async (where: object, rows: number[], asked: object) => {
      let hit = 0
      for (const query of queries) {
        const { hits } = await engine.search({ vector: query.unit, model, where, ...asked })
        const ids = new Set(idsOf(hits))
        hit += bestOf(vectors, query, { rows }).filter(({ row }) => ids.has(idOf(row))).length
      }
      return hit / queries.length / 10
    }
    const rows = [...vectors.keys()]
    const unfiltered = await share({}, rows, { recall: 0.95 })
    expect(unfiltered).toBeGreaterThanOrEqual(0.95)
    const rare = rows.filter(row => tagsOf(row).includes('rare'))
    expect(await share({ tags: ['rare'] }, rare, { recall: 0.95 })).toBeGreaterThanOrEqual(unfiltered)
    const common = rows.filter(row => tagsOf(row).includes('common'))
    expect(await share({ tags: ['common'] }, common, { recall: 0.95 })).toBeGreaterThanOrEqual(0.95)
    expect(await share({}, rows, { mode: 'fast' })).toBeGreaterThanOrEqual(0.9)
  })

  test.each([0.05, 0.1, 0.3])(
    'keeps its share where all vectors point nearly the same way: spread %f',
    async spread => {
      const normal = normalNumbers(3)
      const draw = () => Float32Array.from({ length: 64 }, () => 1 + spread * normal())
      const alike = Array.from({ length: 2000 }, () => directionOf(draw())!)
      const byId = new Map(alike.map(({ unit }, row) => [idOf(row), fakeBlock({ id: idOf(row), vector: unit })]))
      const engine = new SearchEngine()
      const getMany = async (ids: readonly string[]) => ids.map(id => byId.get(id))
      engine.follow({ onChange: () => () => {}, getMany } as unknown as BlockStore)
      engine.add(...byId.values())
      await engine.settled()
      let found = 0
      for (let i = 0; i < 20; i++) {
        const query = directionOf(draw())!
        const ids = new Set(idsOf((await engine.search({ vector: query.unit, model })).hits))
        found += bestOf(alike, query).filter(({ row }) => ids.has(idOf(row))).length
      }
      expect(found / 200).toBeGreaterThanOrEqual(0.95)
    },
  )

  test('by dot product and by distance', async () => {
    const { engine } = await filled()
    await engine.settled()
    for (const metric of ['dot', 'euclidean'] as const) {
      const { hits } = await engine.search({ vector: scaled(9), model, metric, mode: 'exact' })
      expect(idsOf(hits)).toEqual(expected(9, { metric }))
      bestOf(vectors, vectors[9]!, { metric }).forEach(({ score }, i) => expect(hits[i]!.score).toBeCloseTo(score, 3))
    }
  })

  test('blocks that are removed or expire leave it; their rows and memory are used again', async () => {
    let now = 0
    const { engine } = await filled({ clock: { now: () => now } })
    await engine.settled()
    const { bytes } = engine.spaces[0]!
    for (let row = 0; row < 1000; row++) engine.remove({ id: idOf(row) })
    expect(engine.spaces[0]!.size).toBe(2000)
    const { hits, scanned } = await engine.search({ vector: scaled(7), model, k: 3000, recall: 0.99 })
    expect([hits.length, scanned]).toEqual([2000, 2000])
    for (let row = 0; row < 1000; row++) {
      engine.add(fakeBlock({ id: `short ${row}`, vector: scaled(row), tags: ['short'], expires: 10 }))
    }
    const short = () => engine.search({ vector: scaled(7), model, k: 2000, where: { tags: ['short'] } })
    expect((await short()).hits.length).toBe(1000)
    expect((await engine.search({ vector: scaled(7), model, k: 2000, where: { tags: ['common'] } })).scanned).toBe(
      vectors.filter((_, row) => row >= 1000 && tagsOf(row).includes('common')).length,
    )
    now = 10
    expect((await short()).scanned).toBe(0)
    for (let row = 0; row < 1000; row++) engine.add(block(row))
    expect(idsOf((await engine.search({ vector: scaled(7), model, mode: 'exact' })).hits)).toEqual(expected(7))
    // Scratch for 3,000 hits aside, nothing was added.
    expect(engine.spaces[0]!.bytes - bytes).toBeLessThan(400_000)
  })
})

describe('kernels', () => {
  test('without WebAssembly the same is found in plain JavaScript', async () => {
    vi.resetModules()
    vi.stubGlobal('WebAssembly', undefined)
    const { SearchEngine: Fresh } = await import('../../../src/search/search-engine')
    const engine = new Fresh()
    vectors.forEach((_, row) => engine.add(block(row) as StoredBlock))
    await engine.settled()
    expect(engine.kernels).toBe('scalar')
    const { hits } = await engine.search({ vector: scaled(7), model, recall: 0.99 })
    expect(idsOf(hits)).toEqual(expected(7))
  })

  test('where compiling is forbidden, a compiled module serves', async () => {
    const module = await WebAssembly.compile(readFileSync('.cache/kernels/simd.wasm'))
    vi.resetModules()
    const { SearchEngine: Fresh } = await import('../../../src/search/search-engine')
    const compile = vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new Error('forbidden'))
    try {
      for (const [ports, name] of [
        [{ module }, 'wasm-simd'],
        [{}, 'scalar'],
      ] as const) {
        const engine = new Fresh(ports)
        vectors.forEach((_, row) => engine.add(block(row)))
        await engine.settled()
        expect(engine.kernels).toBe(name)
        expect(idsOf((await engine.search({ vector: scaled(7), model, recall: 0.99 })).hits)).toEqual(expected(7))
      }
    } finally {
      compile.mockRestore()
    }
  })

  test('another module is refused, and the set stays as it is', async () => {
    const other = await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    const errors: unknown[] = []
    const { engine } = await filled({ module: other, onError: error => errors.push(error) })
    await engine.settled()
    expect(errors).toMatchObject([{ code: 'bad-type', field: 'search.module' }])
    expect(idsOf((await engine.search({ vector: scaled(7), model })).hits)).toEqual(expected(7))
  })
})
