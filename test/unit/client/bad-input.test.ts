import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { createBlock, type Embedder } from '../../../src/block/index'
import { Emitter, unwrap } from '../../../src/base/index'
import { SyncClient, type ClientEvents } from '../../../src/client/index'
import { MAX_WAITING_BLOCKS, Subscription } from '../../../src/client/subscription'
import { restoreVerified } from '../../../src/validate/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { Signer } from '../../../src/signer/index'
import { startAgent, startAgents } from './agents'
import { collect } from '../../../src/testing/suite-tools'

const day = 86_400_000

test('a client that is not open refuses by name', async () => {
  const client = new SyncClient({ signer: await Signer.generate() })
  await expect(client.get('x')).rejects.toMatchObject({ code: 'closed', hint: expect.stringContaining('start') })
  await client.start()
  await client.close()
  await client.close()
  await expect(client.search([1], { model: 'a:b' })).rejects.toMatchObject({ code: 'closed' })
  await expect(client.start()).rejects.toMatchObject({ code: 'closed' })
})

test('search says what it lacks', async () => {
  const { client, publish } = await startAgent()
  await publish()
  await expect(client.search('text')).rejects.toMatchObject({ code: 'no-embedder', hint: expect.any(String) })
  await expect(client.search([1, 2])).rejects.toMatchObject({ code: 'no-model', field: 'model' })
  await expect(client.search([1, 2, 3], { model: 'test:two' })).rejects.toMatchObject({
    code: 'wrong-length',
    limit: 2,
  })
  await expect(client.search([1, NaN], { model: 'test:two' })).rejects.toMatchObject({ code: 'non-finite' })
  await expect(client.search([0, 0], { model: 'test:two' })).rejects.toMatchObject({ code: 'bad-value' })
  await expect(client.search([1, 0], { model: 'test:two', k: 0 })).rejects.toMatchObject({ code: 'limit', field: 'k' })
  expect((await client.search([1, 2, 3], { model: 'never:seen' })).hits).toEqual([])
  await expect(client.search([1], { model: 'never:seen', k: 1.5 })).rejects.toMatchObject({ code: 'limit', field: 'k' })
  const signal = AbortSignal.abort()
  await expect(client.search([1], { model: 'never:seen', signal })).rejects.toMatchObject({ code: 'aborted' })
})

test('an embedder of another model, or one that answers nonsense, is refused', async () => {
  const embedder: Embedder = { modelId: 'test:two', dimensions: 2, embed: () => Promise.resolve([new Float32Array(3)]) }
  const { client } = await startAgent({ embedder })
  await expect(client.search('text')).rejects.toMatchObject({ code: 'wrong-length', field: 'vector', limit: 2 })
  await expect(client.search('text', { model: 'test:three' })).rejects.toMatchObject({ code: 'no-embedder' })
})

test('publishing a tampered block rejects with the verdict, and stores nothing', async () => {
  const { client, signer } = await startAgent()
  const block = await createBlock({ embedding: [1, 0], model: 'test:two' }, signer)
  const bytes = block.bytes.slice()
  bytes[bytes.length - 1]! ^= 1
  await expect(client.publish({ ...block, bytes })).rejects.toMatchObject({ code: 'bad-signature' })
  expect((await client.status()).store.blocks).toBe(0)
})

test('a block that has to wait is kept beside the blocks of a `BlockStore`, too', async () => {
  const store = await openBlockStore(memoryStorage())
  const { client, signer } = await startAgent({ storage: store })
  const block = await createBlock({ embedding: [1, 0], model: 'test:two', time: Date.now() + 3_600_000 }, signer)
  await client.publish(block)
  expect((await collect(store.side.range())).length).toBe(1)
  expect((await store.stats()).blocks).toBe(0)
})

test('a block dated days ahead is refused, one dated an hour ahead waits unseen', async () => {
  const { client, signer } = await startAgent()
  const at = (time: number) => createBlock({ embedding: [1, 0], model: 'test:two', time }, signer)
  await expect(client.publish(await at(Date.now() + 3 * day))).rejects.toMatchObject({ code: 'time-future' })
  const { id } = await client.publish(await at(Date.now() + 3_600_000))
  expect(await client.get(id, { admitted: false })).toBeUndefined()
})

test('addresses that lead nowhere', async () => {
  const [a] = await startAgents(1)
  await expect(a.client.connect('ftp://x')).rejects.toMatchObject({
    code: 'no-transport',
    hint: expect.stringContaining('memory'),
  })
  await expect(a.client.connect('memory://nobody')).rejects.toMatchObject({ code: 'unreachable' })
  await expect(a.client.connect('memory://a')).rejects.toMatchObject({ code: 'bad-address' })
  const { client } = await startAgent()
  await expect(client.connect('ws://127.0.0.1:1')).rejects.toMatchObject({ code: 'no-transport' })
})

test('another network, or another identity than expected, is refused in the handshake', async () => {
  const network = memoryNetwork()
  await startAgent({ transports: [memoryTransport({ network, name: 'b' })], network: 'elsewhere' })
  const { client } = await startAgent({ transports: [memoryTransport({ network, name: 'a' })] })
  await expect(client.connect('memory://b')).rejects.toMatchObject({ code: 'handshake' })
  const [c] = await startAgents(2)
  const { did } = await Signer.generate()
  await expect(c.client.connect('memory://b', { peer: did })).rejects.toMatchObject({ code: 'handshake' })
})

test('a subscription whose reader is too slow ends by name instead of growing', async () => {
  const signer = await Signer.generate()
  const block = unwrap(restoreVerified((await createBlock({ embedding: [1, 0], model: 'test:two' }, signer)).bytes))
  const events = new Emitter<ClientEvents>()
  const slow = new Subscription(events, {})
  for (let i = 0; i <= MAX_WAITING_BLOCKS; i++) events.emit('block', { block })
  let read = 0
  const reading = (async () => {
    for await (const { id } of slow) read += id === block.id ? 1 : 0
  })()
  await expect(reading).rejects.toMatchObject({ code: 'limit', limit: MAX_WAITING_BLOCKS })
  expect(read).toBe(MAX_WAITING_BLOCKS)
})

test('waiting can be given up', async () => {
  const [{ client }] = await startAgents(1)
  const controller = new AbortController()
  const waiting = client.waitForSync({ signal: controller.signal })
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
  const closed = client.waitForSync()
  await client.close()
  await expect(closed).rejects.toMatchObject({ code: 'closed' })
})
