import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { CosmicError } from '../../../src/base/index'
import { createBlock, type Block } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import {
  memoryStorage,
  openBlockStore,
  type BlockStore,
  type KeyValueStorage,
  type LogCursor,
} from '../../../src/store/index'
import { logRunKey } from '../../../src/store/layout'
import { collect } from '../../../src/testing/suite-tools'
import { withBadSignature } from '../../tools/forge-signature'
import { sampleBlock, storedBlock } from '../../tools/stored-block'
import { startAgent } from './agents'

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cosmic-copy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function openLmdb(path: string): Promise<BlockStore> {
  const store = await openBlockStore(await lmdbStorage(path))
  onTestFinished(() => store.close())
  return store
}

/** Puts as many blocks. */
async function fill(store: BlockStore, count: number, text = 'block'): Promise<string[]> {
  const blocks = await Promise.all(Array.from({ length: count }, (_, i) => storedBlock({ text: `${text} ${i}` })))
  await store.put(blocks)
  return blocks.map(({ block }) => block.id)
}

async function filledMemory(count: number): Promise<{ store: BlockStore; ids: string[] }> {
  const store = await openBlockStore(memoryStorage())
  return { store, ids: await fill(store, count) }
}

const idsIn = async (store: BlockStore) => (await collect(store.log())).map(({ id }) => id)

test('a copy from memory to LMDB that is stopped goes on when it is opened again, and fetches what came since', async () => {
  const { store: source, ids } = await filledMemory(600)
  const path = await tempFolder()
  const signer = await Signer.generate()
  const before = new SyncClient({ signer, storage: await lmdbStorage(path) })
  await before.start()
  const stop = new AbortController()
  let reached: LogCursor | undefined
  const onProgress = ({ cursor }: { readonly cursor: LogCursor }) => {
    reached = cursor
    stop.abort()
  }
  await expect(before.copyFrom(source, { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'aborted' })
  expect((await before.status()).store.blocks).toBe(256)
  await before.close()

  const after = new SyncClient({ signer, storage: await lmdbStorage(path) })
  await after.start()
  onTestFinished(() => after.close())
  const seen: number[] = []
  const copied = await after.copyFrom(source, { after: reached!, onProgress: ({ blocks }) => seen.push(blocks) })
  expect(copied).toEqual({
    ...{ stored: 344, deferred: 0, refused: 0, refusals: [], missing: 0 },
    cursor: await source.position(),
  })
  expect(seen).toEqual([256, 344])
  const later = await fill(source, 3, 'later')
  expect(await after.copyFrom(source, { after: copied.cursor })).toMatchObject({ stored: 3 })
  expect(await after.copyFrom(source)).toMatchObject({ stored: 603, refused: 0 })
  expect((await after.status()).store.blocks).toBe(603)
  for (const id of [ids[0]!, ids[599]!, later[2]!]) expect((await after.get(id))?.id).toBe(id)
})

test('what a source forged, swaps or cannot read is counted, and stops nothing', async () => {
  const { store: source, ids } = await filledMemory(5)
  const genuine = await sampleBlock({ text: 'forged' })
  await source.put([{ block: { ...genuine, bytes: withBadSignature(genuine) }, admitted: true }])
  const lying: BlockStore = Object.assign(Object.create(source) as BlockStore, {
    position: () => source.position(),
    log: (options: object) => source.log(options),
    getMany: async (asked: readonly string[]) =>
      (await source.getMany(asked)).map((stored, i) => {
        if (asked[i] === ids[1]) return undefined
        return asked[i] === ids[2] ? { ...stored!, block: { ...stored!.block, bytes: new Uint8Array([1]) } } : stored
      }),
  })
  const { client } = await startAgent()
  const { refusals, ...report } = await client.copyFrom(lying)
  expect(report).toMatchObject({ stored: 3, deferred: 0, refused: 2, missing: 1 })
  expect(refusals.map(({ id }) => id)).toEqual([ids[2], genuine.id])
  expect(refusals[1]).toMatchObject({ code: 'bad-signature', field: 'signature' })
  expect(await client.get(genuine.id)).toBeUndefined()
  await expect(client.copyFrom({} as BlockStore)).rejects.toMatchObject({ code: 'bad-type', field: 'source' })
})

test('what the source erased is not copied, and what its author withdrew stays withdrawn', async () => {
  const source = await openBlockStore(memoryStorage())
  const author = await startAgent({ storage: source })
  const [kept, gone, withdrawn] = [
    await author.publish(),
    await author.publish({ time: 1 }),
    await author.publish({ time: 2 }),
  ]
  await source.erase([gone.id], 'pruned')
  await author.client.retract(withdrawn.id)
  const { client } = await startAgent()
  expect(await client.copyFrom(source)).toMatchObject({ stored: 2, refused: 0, missing: 0 })
  expect(await client.get(kept.id)).toEqual(kept)
  await expect(client.publish(withdrawn)).rejects.toMatchObject({ code: 'retracted' })
})

test('a source whose log is damaged, and cannot be made anew, is refused until it is', async () => {
  const storage = memoryStorage()
  let isFull = false
  const full = new CosmicError({ code: 'storage', field: 'path' })
  const onDisk: KeyValueStorage = {
    get: key => storage.get(key),
    getMany: keys => storage.getMany(keys),
    range: options => storage.range(options),
    batch: operations => (isFull ? Promise.reject(full) : storage.batch(operations)),
    close: () => storage.close(),
  }
  const source = await openBlockStore(onDisk)
  const ids = await fill(source, 200)
  await storage.batch([{ type: 'put', key: logRunKey(1), value: new Uint8Array(50) }])
  const { client } = await startAgent()
  isFull = true
  await expect(client.copyFrom(source)).rejects.toMatchObject({ code: 'storage', field: 'source.log' })
  isFull = false
  await collect(source.repair!())
  expect(await client.copyFrom(source)).toMatchObject({ stored: ids.length, missing: 0 })
})

test('an export while blocks are published is whole, and holds what was there when it began', async () => {
  const signer = await Signer.generate()
  const client = new SyncClient({ signer, storage: await lmdbStorage(await tempFolder()) })
  await client.start()
  onTestFinished(() => client.close())
  const before = (await filledMemory(600)).store
  await client.copyFrom(before)
  const publish = async (content: string): Promise<Block> => {
    const block = await createBlock({ embedding: [1, 0], model: 'test:two', input: { type: 'text', content } }, signer)
    await client.publish(block)
    return block
  }
  let published = 0
  const chunks: Uint8Array[] = []
  const publishing = (async () => {
    while (published < 100) await publish(`meanwhile ${published++}`)
  })()
  for await (const chunk of client.export()) {
    chunks.push(chunk)
    if (chunks.length % 10 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await publishing
  const target = await openBlockStore(memoryStorage())
  const reader = await startAgent({ storage: target })
  const report = await reader.client.import(chunks)
  expect(report).toMatchObject({ refused: 0, deferred: 0 })
  expect(report.stored).toBeGreaterThanOrEqual(600)
  expect(await target.has(await idsIn(before))).toEqual(Array<boolean>(600).fill(true))
})

test('a cloned store is noticed by its chain; under a new epoch a reader starts over and misses nothing', async () => {
  const [path, clonePath] = [join(await tempFolder(), 'one'), join(await tempFolder(), 'clone')]
  const first = await openLmdb(path)
  await fill(first, 10)
  const shared = await first.position()
  await first.close()
  await cp(path, clonePath, { recursive: true })
  const [original, clone] = [await openLmdb(path), await openLmdb(clonePath)]
  await fill(original, 5, 'original')
  await fill(clone, 7, 'clone')

  const { client } = await startAgent()
  const { cursor } = await client.copyFrom(original)
  await expect(client.copyFrom(clone, { after: cursor })).rejects.toMatchObject({
    code: 'stale-cursor',
    field: 'after',
  })
  await expect(collect(clone.log({ after: cursor }))).rejects.toMatchObject({ code: 'stale-cursor' })
  expect(await collect(clone.log({ after: shared }))).toHaveLength(7)

  await clone.renewEpoch()
  await expect(client.copyFrom(clone, { after: shared })).rejects.toMatchObject({ code: 'stale-cursor' })
  expect(await client.copyFrom(clone)).toMatchObject({ stored: 17, cursor: await clone.position() })
  expect((await client.status()).store.blocks).toBe(22)
  for (const id of [...(await idsIn(original)), ...(await idsIn(clone))]) expect(await client.get(id)).toBeDefined()
})
