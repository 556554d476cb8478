import crypto from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type BlockStore,
  exportCar,
  memoryStorage,
  openBlockStore,
  parseDidKey,
  type Result,
  Signer,
  SyncClient,
  verifyBlocks,
  type StoredBlock,
  type VerifiedBlock,
} from 'cosmic-embeddings'
import { lmdbStorage } from 'cosmic-embeddings/storage/lmdb'
import type { Benchmark, BenchResult } from './benchmark'
import { loadPouch, loadSqlite } from './native-peers'
import { takeApart } from './samples'
import { makeTagged, openTagged, topicOf } from './tagged-blocks'

const COUNT = 8_192
const BATCH = 256
const ROUNDS = 3
/** Signatures checked at once by the peer that checks nothing else. */
const LANES = 64

const about = `${COUNT.toLocaleString('en-US')} blocks (384 dimensions f32, a sentence, two tags, 16 authors) from bytes to durable and found by tag, in batches of ${BATCH}. Ours
verifies each block (form, id, author, signature) and writes every index; batches are verified while one is stored: \`verifyBlocks\` and
\`put\` of a store, and \`import\` of an archive by a client, which also checks the archive's ids and keeps its search index. "signatures"
checks the same signatures on the same cores with node:crypto, over bytes laid ready, and does nothing else. better-sqlite3 and
PouchDB verify nothing: they store the bytes with the fields of the indexes, synced a batch (PouchDB: by its own LevelDB, with
a view by tag). OrbitDB needs Node 22 and is left out.`

async function run(): Promise<BenchResult[]> {
  const blocks = await makeTagged(COUNT)
  const signatures = await bestOf(() => checkSignatures(blocks))
  const archive: Uint8Array[] = []
  for await (const part of exportCar(blocks)) archive.push(part)
  const ways = [
    { name: '', bring: (store: BlockStore) => verifyAndPut(blocks, store) },
    { name: ', import by a client', bring: (store: BlockStore) => importInto(store, archive) },
  ]
  const rates: [string, number][] = []
  for (const { name, bring } of ways) {
    const measured = async (store: BlockStore) => checked(store, blocks, await bring(store))
    rates.push([`memory${name}`, await bestOf(async () => measured(await openBlockStore(memoryStorage())))])
    const inLmdb = async (folder: string) => measured(await openBlockStore(await lmdbStorage(folder)))
    rates.push([`LMDB${name}`, await bestOf(() => inFolder(inLmdb))])
  }
  const peers = await measurePeers(blocks)
  const row = (name: string, value: number): BenchResult => {
    const others = { signatures, ...peers }
    const ratios = Object.entries(others).map(([peer, rate]) => [peer, Number((value / rate).toPrecision(3))] as const)
    return { case: name, value: Math.round(value), unit: 'blocks/s', ratios: Object.fromEntries(ratios) }
  }
  return rates.map(([name, rate]) => row(name, rate))
}

async function measurePeers(blocks: readonly VerifiedBlock[]): Promise<Record<string, number>> {
  const peers: Record<string, number> = {}
  const [Database, Pouch] = [loadSqlite(), loadPouch()]
  if (Database) {
    peers['better-sqlite3'] = await bestOf(() =>
      inFolder(async folder => {
        const { put, db } = openTagged(new Database(path.join(folder, 'blocks.sqlite')))
        const rate = await timed(async () => batches(blocks).forEach(batch => put(batch)))
        db.close()
        return rate
      }),
    )
  }
  if (Pouch)
    peers['pouchdb'] = await bestOf(() => inFolder(folder => fillPouch(new Pouch(path.join(folder, 'pouch')), blocks)))
  return peers
}

async function fillPouch(
  db: InstanceType<NonNullable<ReturnType<typeof loadPouch>>>,
  blocks: readonly VerifiedBlock[],
) {
  const map = 'function (doc) { for (var i = 0; i < doc.tags.length; i++) emit([doc.tags[i], doc.time]) }'
  await db.put({ _id: '_design/by', views: { tag: { map } } })
  const rate = await timed(async () => {
    for (const batch of batches(blocks)) {
      await db.bulkDocs(
        batch.map(({ id, time, author, bytes, ...block }) => {
          const tags = ('tags' in block && block.tags) || []
          const data = Buffer.from(bytes).toString('base64')
          return { _id: id, time, author, tags, _attachments: { block: { content_type: 'application/cbor', data } } }
        }),
      )
    }
    await db.query('by/tag', { limit: 1, startkey: [topicOf(7)] })
  })
  await db.close()
  return rate
}

/** Blocks a second, and what closes the store. */
interface Brought {
  readonly rate: number
  close(): Promise<void>
}

/** A batch is stored while those after it are verified. */
async function verifyAndPut(blocks: readonly VerifiedBlock[], store: BlockStore): Promise<Brought> {
  const rate = await timed(async () => {
    let storing: Promise<unknown> = Promise.resolve()
    let verified: StoredBlock[] = []
    const envelopes = blocks.map(({ bytes }) => bytes)
    for await (const { index, result } of verifyBlocks(envelopes, { concurrency: 2 * BATCH })) {
      if (!result.ok) throw new Error(`a good block is refused: ${result.error.code}`)
      verified.push({ block: result.value, admitted: true })
      if (verified.length < BATCH && index < blocks.length - 1) continue
      await storing
      storing = store.put(verified)
      verified = []
    }
    await storing
  })
  return { rate, close: () => store.close() }
}

/** Until all are stored; the client's own search index may still be at work then. */
async function importInto(store: BlockStore, archive: readonly Uint8Array[]): Promise<Brought> {
  const client = new SyncClient({ signer: await Signer.generate(), storage: store })
  await client.start()
  const rate = await timed(async () => {
    const { refused } = await client.import(archive)
    if (refused > 0) throw new Error(`${refused} good blocks are refused`)
  })
  return { rate, close: () => client.close() }
}

async function checked(store: BlockStore, blocks: readonly VerifiedBlock[], { rate, close }: Brought): Promise<number> {
  const expected = blocks.filter((_, turn) => topicOf(turn) === topicOf(7)).length
  if ((await store.count({ tags: [topicOf(7)] })) !== expected) throw new Error('not every block is found by its tag')
  await close()
  return rate
}

async function checkSignatures(blocks: readonly VerifiedBlock[]): Promise<number> {
  const parts = blocks.map(({ bytes, author }) => takeApart(bytes, unwrapped(parseDidKey(author))))
  const check = ({ message, key, signature }: (typeof parts)[number]) =>
    new Promise<boolean>((resolve, reject) =>
      crypto.verify(null, message, key, signature, (error, valid) => (error ? reject(error) : resolve(valid))),
    )
  let next = 0
  const lane = async () => {
    while (next < parts.length) if (!(await check(parts[next++]!))) throw new Error('a good signature is refused')
  }
  return timed(async () => void (await Promise.all(Array.from({ length: LANES }, lane))))
}

function batches(blocks: readonly VerifiedBlock[]): VerifiedBlock[][] {
  return Array.from({ length: Math.ceil(blocks.length / BATCH) }, (_, i) => blocks.slice(i * BATCH, (i + 1) * BATCH))
}

/** Blocks a second. */
async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (COUNT * 1_000) / (performance.now() - start)
}

async function bestOf(measure: () => Promise<number>): Promise<number> {
  let best = 0
  for (let round = 0; round < ROUNDS; round++) best = Math.max(best, await measure())
  return best
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-bench.'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const benchmark: Benchmark = { about, run }
export default benchmark

function unwrapped<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(result.error.code)
}
