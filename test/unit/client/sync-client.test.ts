import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fileKeyStore } from '../../../src/adapters/keystore/file'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { createBlock, decodeBlock } from '../../../src/block/index'
import { unwrap } from '../../../src/base/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { CosmicValidator } from '../../../src/validate/index'
import { startAgent, startAgents } from './agents'

test('works alone: publishes, reads, searches by vector and by block', async () => {
  const { client, publish } = await startAgent()
  const near = await publish({ embedding: [1, 0.1], tags: ['x'], place: { latitude: 51.5, longitude: 0 } })
  const far = await publish({ embedding: [0, 1], tags: ['y'] })
  const { hits, report } = await client.search([1, 0], { model: 'test:two' })
  expect(hits.map(({ block }) => block.id)).toEqual([near.id, far.id])
  expect(hits[0]).toMatchObject({ verdict: { status: 'valid', admitted: true } })
  expect(hits[0]!.score).toBeCloseTo(1 / Math.hypot(1, 0.1), 6)
  expect(hits[0]!.verdict.grades.consistent?.worst).toBeLessThan(1)
  expect(report).toEqual({ model: 'test:two', searched: [{ model: 'test:two', scanned: 2 }], unreached: [] })

  expect((await client.search([1, 0], { model: 'test:two', where: { tags: ['y'] } })).hits).toHaveLength(1)
  expect((await client.search(near)).hits.map(({ block }) => block.id)).toEqual([far.id])
  expect(await client.get(far.id)).toEqual(far)
  expect(await client.status()).toMatchObject({ id: client.id, peers: [], models: ['test:two'], store: { blocks: 2 } })
})

test('two agents exchange what they lack, both ways, and then each new block at once', async () => {
  const [a, b] = await startAgents(2)
  const fromA = await a.publish({ tags: ['a'] })
  const fromB = await b.publish({ tags: ['b'] })
  expect(await a.client.connect('memory://b')).toBe(b.client.id)
  await Promise.all([a.client.waitForSync(), b.client.waitForSync()])
  expect((await a.client.get(fromB.id))?.bytes).toEqual(fromB.bytes)
  expect((await b.client.get(fromA.id))?.bytes).toEqual(fromA.bytes)

  const heard = a.client.subscribe({ tags: ['live'] })[Symbol.asyncIterator]()
  const live = await b.publish({ tags: ['live'] })
  expect((await heard.next()).value?.id).toBe(live.id)
  expect((await a.client.search(live)).hits.map(({ block }) => block.id).sort()).toEqual([fromA.id, fromB.id].sort())
})

test('what is published right before close, or before waiting, reaches the peers that are connected', async () => {
  const [a, b] = await startAgents(2)
  await a.client.connect('memory://b')
  await a.client.waitForSync()
  const first = await a.publish({ tags: ['waited for'] })
  await a.client.waitForSync()
  await expect.poll(() => b.client.get(first.id)).toBeDefined()
  const last = await Promise.all(Array.from({ length: 100 }, (_, i) => a.publish({ tags: [`last ${i}`] })))
  await a.client.close()
  await expect.poll(async () => (await b.client.status()).store.blocks).toBe(1 + last.length)
})

test('a block travels over an agent in between', async () => {
  const [a, b, c] = await startAgents(3)
  await a.client.connect('memory://b')
  await c.client.connect('memory://b')
  const heard = c.client.subscribe()[Symbol.asyncIterator]()
  const block = await a.publish()
  expect((await heard.next()).value?.bytes).toEqual(block.bytes)
  expect((await b.client.get(block.id))?.author).toBe(a.client.id)
})

test('keeps identity and blocks across restarts on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'client-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const keys = fileKeyStore(join(folder, 'identity'))
  const first = await Signer.generate()
  await first.save(keys)
  const before = new SyncClient({ signer: first, storage: await lmdbStorage(join(folder, 'store')) })
  await before.start()
  const block = await createBlock({ embedding: [0.6, 0.8], model: 'test:two' }, first)
  await before.publish(block)
  await before.close()

  const signer = await Signer.load(keys)
  await using after = new SyncClient({ signer, storage: await lmdbStorage(join(folder, 'store')) })
  await after.start()
  expect(after.id).toBe(before.id)
  expect((await after.search([0.6, 0.8], { model: 'test:two' })).hits[0]?.block.bytes).toEqual(block.bytes)
})

test('a policy gates reading and search, not storing and syncing', async () => {
  const network = memoryNetwork()
  const transports = (name: string) => [memoryTransport({ network, name })]
  const author = await startAgent({ transports: transports('author') })
  const validator = new CosmicValidator({ models: ['other:model'] })
  const picky = await startAgent({ transports: transports('picky'), validator })
  const block = await author.publish()
  await picky.client.connect('memory://author')
  await picky.client.waitForSync()
  expect(await picky.client.get(block.id)).toBeUndefined()
  expect((await picky.client.get(block.id, { admitted: false }))?.id).toBe(block.id)
  expect((await picky.client.search([0.6, 0.8], { model: 'test:two' })).hits).toEqual([])
})

test('disconnect ends a session for good, and both sides hear of it', async () => {
  const [a, b] = await startAgents(2)
  const gone = new Promise(resolve => b.client.on('disconnected', resolve))
  await a.client.connect('memory://b')
  await a.client.disconnect('memory://b')
  expect(await gone).toMatchObject({ peer: a.client.id })
  expect((await a.client.status()).peers).toEqual([])
  await a.client.disconnect('did:key:nobody')
})

test('opposite connections to one peer become one session', async () => {
  const [a, b] = await startAgents(2)
  await Promise.all([a.client.connect('memory://b'), b.client.connect('memory://a')])
  await Promise.all([a.client.waitForSync(), b.client.waitForSync()])
  const [one, other] = [(await a.client.status()).peers, (await b.client.status()).peers]
  expect([one.length, other.length]).toEqual([1, 1])
  expect(one[0]!.initiator).toBe(!other[0]!.initiator)
})

test('what a peer hands over is what was signed, byte for byte', async () => {
  const [a, b] = await startAgents(2)
  await a.client.connect('memory://b')
  const heard = b.client.subscribe()[Symbol.asyncIterator]()
  const block = await a.publish({ extensions: { 'test/note': new Map([['n', 1]]) } as never })
  const arrived = (await heard.next()).value!
  expect(unwrap(decodeBlock(arrived.bytes))).toEqual(block)
})
