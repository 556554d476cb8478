import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BlockStore, openBlockStore, Signer, SyncClient, type VerifiedBlock } from 'cosmic-embeddings'
import { lmdbStorage } from 'cosmic-embeddings/storage/lmdb'
import { postgresStore } from 'cosmic-embeddings/storage/postgres'
import { startPglite } from '../tools/pglite-server'
import { hasPostgres } from '../tools/postgres.mjs'
import { PostgresServer } from '../tools/postgres-server'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'
import { makeTagged, timeOf, topicOf } from './tagged-blocks'

const COUNT = 8_192
const BATCH = 256
const PAGE = 100

const about = `${COUNT.toLocaleString('en-US')} blocks (384 dimensions f32, a sentence, two tags, 16 authors, three models) in PostgreSQL over a socket of this machine, and
the same in LMDB, the peer. "server" is Debian's PostgreSQL where it is installed, with its default \`synchronous_commit\`; "in WebAssembly" is PGlite with
pgvector, one session, nothing synced. Put: batches of ${BATCH} with every index, and in WebAssembly the vectors of pgvector, until committed. A page is the
newest ${PAGE} with a tag before an instant. Search: the 10 nearest by the client, compared by pgvector in the one, by this package's kernels in the other.`

async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-bench.'))
  const blocks = await makeTagged(COUNT)
  const lmdb = await openBlockStore(await lmdbStorage(folder), { cacheBytes: 0 })
  try {
    const rate = await fill(lmdb, blocks)
    const results: BenchResult[] = []
    if (hasPostgres()) {
      const server = await PostgresServer.start()
      const store = await postgresStore(server.address, { vectors: false, follow: 'none' })
      results.push(...(await measure('server', store, blocks, { lmdb, rate })))
      await store.close()
      await server.stop()
    } else console.error('*** SKIPPED: the rows of a server: no PostgreSQL is installed ***')
    const pglite = await startPglite()
    const store = await postgresStore({ connectionString: pglite.address, max: 1 }, { follow: 'none' })
    results.push(...(await measure('in WebAssembly', store, blocks, { lmdb, rate })))
    results.push(await searching(store, lmdb, blocks))
    await pglite.stop()
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(store: BlockStore, blocks: readonly VerifiedBlock[]): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < COUNT; i += BATCH) {
    await store.put(blocks.slice(i, i + BATCH).map(block => ({ block, admitted: true })))
  }
  return (COUNT * 1_000) / (performance.now() - start)
}

async function measure(
  name: string,
  store: BlockStore,
  blocks: readonly VerifiedBlock[],
  { lmdb, rate }: { readonly lmdb: BlockStore; readonly rate: number },
): Promise<BenchResult[]> {
  const own = await fill(store, blocks)
  const ratio = Number((own / rate).toPrecision(3))
  return [
    { case: `${name}: put`, value: Math.round(own), unit: 'blocks/s', ratios: { lmdb: ratio } },
    await compare({
      case: `${name}: page by tag and time, ids`,
      ours: turn => store.pageIds(asked(turn)),
      peers: { lmdb: turn => lmdb.pageIds(asked(turn)) },
    }),
    await compare({
      case: `${name}: page by tag and time, blocks`,
      ours: turn => store.page(asked(turn)),
      peers: { lmdb: turn => lmdb.page(asked(turn)) },
    }),
  ]
}

const asked = (turn: number) => ({
  tags: [turn % 2 ? `area-${turn % 50}` : topicOf(turn * 7)],
  until: timeOf(COUNT - ((turn * 31) % (COUNT / 4))),
  reverse: true,
  limit: PAGE,
})

/** Both stores are closed with their clients. */
async function searching(
  storage: BlockStore,
  lmdb: BlockStore,
  blocks: readonly VerifiedBlock[],
): Promise<BenchResult> {
  const signer = await Signer.generate()
  const [ours, theirs] = [storage, lmdb].map(each => new SyncClient({ signer, storage: each })) as [
    SyncClient,
    SyncClient,
  ]
  await Promise.all([ours.start(), theirs.start()])
  const search = (client: SyncClient) => (turn: number) => client.search(blocks[(turn * 17) % COUNT]!, { k: 10 })
  await Promise.all([search(ours)(0), search(theirs)(0)])
  const row = await compare({ case: 'in WebAssembly: search', ours: search(ours), peers: { lmdb: search(theirs) } })
  await Promise.all([ours.close(), theirs.close()])
  return row
}

const benchmark: Benchmark = { about, run }
export default benchmark
