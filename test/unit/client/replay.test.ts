import { expect, test } from 'vitest'
import { Emitter } from '../../../src/base/index'
import { type Block, createBlock } from '../../../src/block/index'
import { SyncClient, type BlockStream, type ClientEvents } from '../../../src/client/index'
import { Replay } from '../../../src/client/replay'
import { Signer } from '../../../src/signer/index'
import { type KeyValueStorage, memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import { storedBlock } from '../../tools/stored-block'
import { startAgent, startAgents } from './agents'

const signer = await Signer.generate()

const make = (n: number, more: { tags?: string[]; expires?: number } = {}) =>
  createBlock({ embedding: [1, n], model: 'test:two', ...more }, signer)

/** A storage that outlives the clients over it. */
function lasting(): KeyValueStorage {
  const storage = memoryStorage()
  return new Proxy(storage, {
    get(target, name) {
      if (name === 'close') return async () => {}
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

async function start(storage: KeyValueStorage): Promise<SyncClient> {
  const client = new SyncClient({ signer, storage })
  await client.start()
  return client
}

async function take(stream: BlockStream, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) ids.push((await stream.next()).value!.id)
  return ids
}

const idsOf = (blocks: readonly Block[]) => blocks.map(({ id }) => id)

async function publish(client: SyncClient, from: number, count: number, tags: string[] = []): Promise<Block[]> {
  const blocks = await Promise.all(Array.from({ length: count }, (_, i) => make(from + i, { tags })))
  for (const block of blocks) await client.publish(block)
  return blocks
}

test('from the start: what is here in the order of its coming, then what comes', async () => {
  const { client } = await startAgent()
  const before = await publish(client, 0, 150)
  const stream = client.subscribe({}, { after: 'start' })
  expect(await take(stream, 150)).toEqual(idsOf(before))
  const waiting = take(stream, 70)
  const after = await publish(client, 200, 70)
  expect(await waiting).toEqual(idsOf(after))
})

test('from now: only what comes; a filter leaves out, and the cursor goes on', async () => {
  const { client } = await startAgent()
  await publish(client, 0, 5, ['a'])
  const stream = client.subscribe({ tags: ['a'] }, { after: 'now' })
  const next = stream.next()
  await new Promise(resolve => setTimeout(resolve, 20))
  const first = stream.cursor
  await publish(client, 10, 5, ['b'])
  const [wanted] = await publish(client, 20, 1, ['a'])
  expect((await next).value!.id).toBe(wanted!.id)
  expect(stream.cursor).not.toBe(first)
})

test('a cursor goes on after the block handed out last, in another run, wherever the stream was left', async () => {
  const storage = lasting()
  const first = await start(storage)
  const all = idsOf(await publish(first, 0, 100))
  let cursor: string | undefined = 'start'
  const got: string[] = []
  let client = first
  for (const count of [1, 63, 1, 20, 15]) {
    const stream = client.subscribe({}, { after: cursor! })
    got.push(...(await take(stream, count)))
    cursor = stream.cursor
    await stream.return()
    await client.close()
    client = await start(storage)
  }
  expect(got).toEqual(all)
  const more = idsOf(await publish(client, 500, 2))
  expect(await take(client.subscribe({}, { after: cursor! }), 2)).toEqual(more)
  await client.close()
})

test('a cursor of a log that became another one is refused, and what is no cursor', async () => {
  const [one, two] = [await startAgent(), await startAgent()]
  await publish(one.client, 0, 3)
  await publish(two.client, 50, 3)
  const stream = one.client.subscribe({}, { after: 'start' })
  await take(stream, 2)
  const { cursor } = stream
  await expect(two.client.subscribe({}, { after: cursor! }).next()).rejects.toMatchObject({ code: 'stale-cursor' })
  for (const after of ['', 'whenever', '1.2', `-1.${'0'.repeat(32)}`, `1.${'z'.repeat(32)}`])
    await expect(one.client.subscribe({}, { after }).next()).rejects.toMatchObject({
      code: 'bad-cursor',
      field: 'after',
    })
})

test('a new epoch leaves places as they are that the log still has', async () => {
  const store = await openBlockStore(memoryStorage())
  const { client } = await startAgent({ storage: store })
  const [a, b] = idsOf(await publish(client, 0, 2))
  const stream = client.subscribe({}, { after: 'start' })
  expect(await take(stream, 1)).toEqual([a])
  const { cursor } = stream
  await store.renewEpoch()
  expect(await take(client.subscribe({}, { after: cursor! }), 1)).toEqual([b])
  expect(await take(stream, 1)).toEqual([b])
  const [c] = idsOf(await publish(client, 10, 1))
  expect(await take(stream, 1)).toEqual([c])
})

test('what is erased before its turn is left out', async () => {
  const { client } = await startAgent()
  const mine = await start(lasting())
  const [a, b, c] = await publish(mine, 0, 3)
  await mine.retract(b!.id)
  const ids = await take(mine.subscribe({ kind: 'embedding' }, { after: 'start' }), 2)
  expect(ids).toEqual([a!.id, c!.id])
  await mine.close()
  await client.close()
})

test('return, the signal and the end of the client end it, whoever waits', async () => {
  const { client } = await startAgent()
  const stop = new AbortController()
  const done = { done: true, value: undefined }
  const byReturn = client.subscribe({}, { after: 'now' })
  const bySignal = client.subscribe({}, { after: 'now', signal: stop.signal })
  const byClose = client.subscribe({}, { after: 'now' })
  const waiting = [byReturn, bySignal, byClose].map(stream => stream.next())
  await new Promise(resolve => setTimeout(resolve, 20))
  await byReturn.return()
  stop.abort()
  await client.close()
  expect(await Promise.all(waiting)).toEqual([done, done, done])
  expect(await byReturn.next()).toEqual(done)
  await expect(client.subscribe({}, { after: 'now' }).next()).rejects.toMatchObject({ code: 'closed' })
})

test('a slow reader of what a peer sends misses nothing', async () => {
  const [a, b] = await startAgents(2)
  const stream = a.client.subscribe({ tags: ['far'] }, { after: 'now' })
  const first = stream.next()
  await a.client.connect('memory://b')
  const sent = new Set<string>()
  for (let i = 0; i < 100; i++) sent.add((await b.publish({ embedding: [5, i], tags: ['far'] })).id)
  const got = [(await first).value!.id]
  while (got.length < 100) {
    got.push(...(await take(stream, 1)))
    if (got.length % 10 === 0) await new Promise(resolve => setTimeout(resolve, 2))
  }
  expect(new Set(got)).toEqual(sent)
})

test('what is admitted later is handed out then, once, whether or not its turn in the log has come', async () => {
  const store = await openBlockStore(memoryStorage())
  const parts = { store, events: new Emitter<ClientEvents>(), admits: async ({ admitted }: StoredBlock) => admitted }
  const vague = await Promise.all([1, 2].map(n => storedBlock({ vector: [1, n], admitted: false })))
  const [passed, ahead] = vague.map(({ block }) => block.id) as [string, string]
  await store.put([vague[0]!])
  const stream = await Replay.open(parts, {}, { after: 'start' })
  const waiting = stream.next()
  await new Promise(resolve => setTimeout(resolve, 10))
  await store.judge([{ id: passed, admitted: true }])
  expect((await waiting).value!.id).toBe(passed)
  await store.put([vague[1]!])
  await store.judge([{ id: ahead, admitted: true }])
  expect(await take(stream, 1)).toEqual([ahead])
  const last = await storedBlock({ vector: [1, 3] })
  await store.put([last])
  expect(await take(stream, 1)).toEqual([last.block.id])
  await stream.return()
})
