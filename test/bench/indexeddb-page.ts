import { createBlock, openBlockStore, Signer, SyncClient, verifyBlocks, type VerifiedBlock } from 'cosmic-embeddings'
import { indexedDbStorage } from 'cosmic-embeddings/storage/indexeddb'

const DIMENSIONS = 384
const AUTHORS = 16
const BATCH = 256
const BATCHES = 8

type Batch = readonly Uint8Array[]

let batches: readonly Batch[]
let archives: readonly Uint8Array[]
let count = 0

/** Blocks with one f32 vector, a short text and two tags, by several authors in turn; and an archive of each batch. */
async function prepare(): Promise<void> {
  const signers = await Promise.all(
    Array.from({ length: AUTHORS }, (_, index) => Signer.fromSeed(new Uint8Array(32).fill(index + 1))),
  )
  const embedding = Float32Array.from({ length: DIMENSIONS }, (_, index) => Math.sin(index))
  const make = async (turn: number) => {
    const input = { type: 'text', content: `text ${turn}` } as const
    const fields = { embedding, model: 'acme:bench', input, tags: ['bench', `part-${turn % 10}`], sky: false } as const
    return (await createBlock({ ...fields, time: 1_700_000_000_000 + turn }, signers[turn % AUTHORS]!)).bytes
  }
  const turns = Array.from({ length: BATCH * BATCHES }, (_, turn) => turn)
  const bytes = await Promise.all(turns.map(make))
  batches = Array.from({ length: BATCHES }, (_, i) => bytes.slice(i * BATCH, (i + 1) * BATCH))
  archives = await Promise.all(batches.map(archiveOf))
}

async function archiveOf(batch: Batch): Promise<Uint8Array> {
  const client = new SyncClient({ signer: await Signer.generate() })
  await client.start()
  for (const block of await verified(batch)) await client.publish(block)
  const chunks: Uint8Array[] = []
  for await (const chunk of client.export()) chunks.push(chunk)
  await client.close()
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer())
}

async function verified(batch: Batch): Promise<VerifiedBlock[]> {
  const blocks: VerifiedBlock[] = []
  for await (const { result } of verifyBlocks(batch)) if (result.ok) blocks.push(result.value)
  return blocks
}

/** Throws unless all of them are there. */
function assertAll(blocks: number): void {
  if (blocks !== BATCH * BATCHES) throw new Error(`${blocks} blocks instead of ${BATCH * BATCHES}`)
}

/** Blocks a second of `work` on all batches, over a database of its own. */
async function rate(work: (name: string) => Promise<() => Promise<void>>): Promise<number> {
  const name = `bench-${++count}`
  const run = await work(name)
  const begin = performance.now()
  await run()
  const seconds = (performance.now() - begin) / 1000
  indexedDB.deleteDatabase(name)
  return (BATCH * BATCHES) / seconds
}

/** Verified, stored with every index, in the search index, announced. */
async function ingest(name: string) {
  const client = new SyncClient({ signer: await Signer.generate(), storage: await indexedDbStorage(name) })
  await client.start()
  return async () => {
    for (const archive of archives) await client.import(archive)
    assertAll((await client.status()).store.blocks)
    await client.close()
  }
}

/** Blocks that are verified already, stored with every index. */
async function store(name: string) {
  const blockStore = await openBlockStore(await indexedDbStorage(name))
  const groups = await Promise.all(batches.map(verified))
  return async () => {
    for (const blocks of groups) await blockStore.put(blocks.map(block => ({ block, admitted: true })))
    assertAll((await blockStore.stats()).blocks)
    await blockStore.close()
  }
}

/** The same bytes, put under a number each, a strict transaction a batch: what the browser itself can do. */
async function raw(name: string) {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.result.createObjectStore('raw')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error as DOMException)
  })
  return async () => {
    for (const [i, batch] of batches.entries()) {
      await new Promise<void>((resolve, reject) => {
        const transaction = db.transaction('raw', 'readwrite', { durability: 'strict' })
        batch.forEach((bytes, j) => transaction.objectStore('raw').put(bytes, i * BATCH + j))
        transaction.oncomplete = () => resolve()
        transaction.onabort = () => reject(transaction.error as DOMException)
      })
    }
    db.close()
  }
}

Object.assign(globalThis, {
  prepare,
  round: async () => ({ ingest: await rate(ingest), store: await rate(store), raw: await rate(raw) }),
})
