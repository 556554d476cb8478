import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { createBlock, type Block } from '../../../src/block/index'
import { openBlockStore, memoryStorage, type KeyValueStorage } from '../../../src/store/index'
import { startAgent, startAgents, type Agent } from './agents'

const text = (content: string) => ({ input: { type: 'text', content } as const })
const hits = async ({ client }: Agent) =>
  (await client.search([0.6, 0.8], { model: 'test:two' })).hits.map(({ block }) => block.id)

/** Resolves when an agent no longer holds a block. */
const erasedAt = ({ client }: Agent, id: string) =>
  new Promise<string>(resolve => client.on('erased', ({ block }) => block.id === id && resolve(block.reason)))

async function synced(from: Agent, address: string) {
  await from.client.connect(address)
  await from.client.waitForSync()
}

test('what its author withdraws is gone at both, from reading, searching and syncing', async () => {
  const [a, b] = await startAgents(2)
  const block = await a.publish(text('withdrawn'))
  await synced(b, 'memory://a')
  expect(await hits(b)).toEqual([block.id])
  const gone = [erasedAt(a, block.id), erasedAt(b, block.id)]
  const { id } = await a.client.retract(block.id)
  expect(await Promise.all(gone)).toEqual(['retracted', 'retracted'])
  for (const agent of [a, b]) {
    expect(await hits(agent)).toEqual([])
    expect(await agent.client.get(block.id, { admitted: false })).toBeUndefined()
    expect((await agent.client.get(id))?.kind).toBe('retraction')
    await expect(agent.client.publish(block)).rejects.toMatchObject({ code: 'retracted', field: 'id' })
  }
})

test('a retraction that nobody waited to make comes after the publishing before it', async () => {
  const { client, signer } = await startAgent({})
  const block = await createBlock({ embedding: [0.6, 0.8], model: 'test:two' }, signer)
  const [published, { id }] = await Promise.all([client.publish(block), client.retract(block.id)])
  expect(published.id).toBe(block.id)
  expect([await client.get(block.id, { admitted: false }), (await client.get(id))?.kind]).toEqual([
    undefined,
    'retraction',
  ])
})

test('whoever was away erases it on coming back; whoever has the retraction alone does not take it again', async () => {
  const network = memoryNetwork()
  const on = (name: string) => ({ transports: [memoryTransport({ network, name })] })
  const [a, b] = [await startAgent(on('a')), await startAgent(on('b'))]
  const block = await a.publish(text('withdrawn'))
  await synced(b, 'memory://a')
  await b.client.disconnect('memory://a')
  const { id } = await a.client.retract(block.id)
  const c = await startAgent(on('c'))
  await synced(c, 'memory://a')
  expect([await c.client.get(block.id), (await c.client.get(id))?.kind]).toEqual([undefined, 'retraction'])
  // B still holds it, and offers it.
  const refused = new Promise<string>(resolve =>
    c.client.on('refused', ({ id, verdict }) => id === block.id && resolve('code' in verdict ? verdict.code! : '')),
  )
  const gone = erasedAt(b, block.id)
  await synced(c, 'memory://b')
  expect([await gone, await refused]).toEqual(['retracted', 'retracted'])
  expect((await c.client.status()).peers.every(({ faults }) => faults === 0)).toBe(true)
  expect(await c.client.get(block.id, { admitted: false })).toBeUndefined()
})

test('a retraction that somebody else planted changes nothing, wherever it comes first', async () => {
  const [a, b, c] = await startAgents(3)
  const block = await a.publish(text('stays'))
  const planted = await createBlock({ retraction: { block: block.id }, time: block.time }, b.signer)
  await b.client.publish(planted)
  await synced(c, 'memory://b')
  expect((await c.client.get(planted.id))?.kind).toBe('retraction')
  await synced(c, 'memory://a')
  await synced(b, 'memory://a')
  for (const agent of [a, b, c]) {
    expect(await hits(agent)).toEqual([block.id])
    expect((await agent.client.get(planted.id))?.kind).toBe('retraction')
  }
})

test('a withdrawn head brings none of the versions before it back, in whatever order they came', async () => {
  const [a, b] = await startAgents(2)
  const first = await a.publish(text('first'))
  const second = await a.publish({ ...text('second'), supersedes: [first.id] })
  await a.client.retract(second.id)
  expect(await hits(a)).toEqual([])
  await synced(b, 'memory://a')
  expect(await hits(b)).toEqual([])
  const history = await b.client.history(second.id)
  expect([history?.heads, history?.get(second.id)?.state]).toEqual([[], 'retracted'])
  const third = await a.publish({ ...text('third'), supersedes: [first.id] })
  expect(await hits(a)).toEqual([third.id])
})

test('a second device holds what the first withdrew until it hears of it, also over a store that was reopened', async () => {
  const storage = memoryStorage()
  const author = await startAgent()
  const block = await author.publish(text('on disk'))
  const closing: KeyValueStorage = {
    get: (key, options) => storage.get(key, options),
    getMany: (keys, options) => storage.getMany(keys, options),
    batch: (operations, options) => storage.batch(operations, options),
    range: options => storage.range(options),
    close: () => Promise.resolve(),
  }
  const first = await startAgent({ storage: closing })
  await first.client.publish(block)
  await first.client.close()
  const { id } = await author.client.retract(block.id)
  const retraction = (await author.client.get(id)) as Block
  const again = await startAgent({ storage: closing })
  expect(await hits(again)).toEqual([block.id])
  await again.client.publish(retraction)
  expect(await hits(again)).toEqual([])
  await again.client.close()
  const store = await openBlockStore(storage)
  expect((await store.stats()).blocks).toBe(1)
})
