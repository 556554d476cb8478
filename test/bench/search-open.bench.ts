import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  createBlock,
  openBlockStore,
  openSearch,
  Signer,
  type SearchEngine,
  type VerifiedBlock,
} from 'cosmic-embeddings'
import { lmdbStorage } from 'cosmic-embeddings/storage/lmdb'
import type { Benchmark, BenchResult } from './benchmark'

const COUNT = 100_000
const DIMENSIONS = 384
const CENTRES = 200
const BATCH = 1000
const MODEL = 'acme:bench'

const about = `Opening the search over ${COUNT.toLocaleString('en-US')} blocks of ${DIMENSIONS} dimensions that stand in an LMDB file, in one thread. "re-encoding" reads and decodes
every block and makes its codes anew, as a search without a saved index does. "first answer" is when \`openSearch\` resolves and a search is
answered from what is there; "every block findable" when all saved pages are loaded; "compared" when, besides, every id has been
held against the store's own list. The file system's cache is warm in all of them.`

async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-search-open-'))
  try {
    await fill(folder)
    const encoding = await opening(folder, { persist: false })
    say(`re-encoding: ${encoding.compared.toFixed(0)} ms`)
    await opening(folder, {})
    const saved = await opening(folder, {})
    const result = (name: string, value: number, peer: number): BenchResult => ({
      ...{ case: name, value: Math.round(value), unit: 'ms' },
      ratios: { 're-encoding': Number((peer / value).toPrecision(3)) },
    })
    return [
      result('first answer', saved.first, encoding.first),
      result('every block findable', saved.findable, encoding.findable),
      result('compared', saved.compared, encoding.compared),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Milliseconds until the engine answers, until it finds every block, and until nothing is loaded any more. */
async function opening(folder: string, options: { persist?: boolean }) {
  const storage = await lmdbStorage(folder)
  const store = await openBlockStore(storage)
  const start = performance.now()
  const since = () => performance.now() - start
  const pause = () => new Promise<void>(resolve => setImmediate(resolve))
  const engine = await openSearch(store, { ...options, pause })
  await engine.search({ vector: vectorAt(1), model: MODEL })
  const first = since()
  while (found(engine) < COUNT) await pause()
  const findable = since()
  while (engine.loading) await pause()
  const compared = since()
  await engine.settled()
  await engine.close()
  await store.close()
  return { first, findable, compared }
}

const found = (engine: SearchEngine) => engine.spaces.reduce((sum, { size }) => sum + size, 0)

/** The blocks are our own and need no verification before they are stored. */
async function fill(folder: string): Promise<void> {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
  const store = await openBlockStore(await lmdbStorage(folder))
  for (let first = 0; first < COUNT; first += BATCH) {
    const blocks: VerifiedBlock[] = []
    for (let row = first; row < first + BATCH; row++) {
      const fields = { embedding: vectorAt(row), model: MODEL, time: row, tags: [`t${row % 50}`], sky: false } as const
      blocks.push((await createBlock(fields, signer)) as unknown as VerifiedBlock)
    }
    await store.put(blocks.map(block => ({ block, admitted: true })))
    if ((first / BATCH) % 10 === 9) say(`${first + BATCH} blocks`)
  }
  await store.close()
}

/** Around one of some centres, by whole numbers alone: the same on every run. */
function vectorAt(row: number): Float32Array {
  const noise = (seed: number) => {
    let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 31 - 1
    }
  }
  const [centre, own] = [noise(row % CENTRES), noise(CENTRES + row)]
  return Float32Array.from({ length: DIMENSIONS }, () => centre() + 0.6 * own())
}

const say = (line: string) => process.stderr.write(`${line}\n`)

export default { about, run } satisfies Benchmark
