import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { utf8 } from '../../../src/base/index'
import type { ExportProgress } from '../../../src/client/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { spoilRecord } from '../../tools/store-keys'
import { startAgent, type Agent } from './agents'

const timing = { greeting: 10_000, heartbeat: 20, stall: 30_000, audit: 300_000 }
const PLACES = { gte: utf8('sync/peer/'), lt: utf8('sync/peer0') }

/** An agent with three blocks, of which the second is damaged; `mend` brings it again. */
async function spoiled(more: Parameters<typeof startAgent>[0] = {}) {
  const raw = memoryStorage()
  const storage = await openBlockStore(raw)
  const agent = await startAgent({ ...more, storage })
  agent.client.on('error', () => {})
  const blocks = []
  for (const content of ['a', 'b', 'c']) blocks.push(await agent.publish({ input: { type: 'text', content } }))
  const bad = blocks[1]!
  await spoilRecord(raw, bad.id)
  const lost = new Promise(resolve => storage.onChange(change => change.lost && resolve(change.lost)))
  expect(await storage.has([bad.id])).toEqual([false])
  await lost
  return { ...agent, storage, blocks, bad, mend: () => agent.client.publish(bad) }
}

async function exported({ client }: Pick<Agent, 'client'>, after?: ExportProgress) {
  const chunks: Uint8Array[] = []
  let last!: ExportProgress
  const options = { onProgress: (progress: ExportProgress) => void (last = progress) }
  for await (const chunk of client.export({ ...options, ...(after && { after: after.cursor }) })) chunks.push(chunk)
  return { chunks, last }
}

test('what was damaged during a backup and mended after it is in the next one', async () => {
  const source = await spoiled()
  const full = await exported(source)
  expect(full.last).toMatchObject({ blocks: 2, missing: 1 })
  const copy = await startAgent()
  const first = await copy.client.copyFrom(source.storage)
  expect(first).toMatchObject({ stored: 2, missing: 1 })
  await source.mend()
  const next = await exported(source, full.last)
  expect(next.last).toMatchObject({ blocks: 1, missing: 0 })
  expect(await copy.client.copyFrom(source.storage, { after: first.cursor })).toMatchObject({ stored: 1, missing: 0 })
  expect((await copy.client.get(source.bad.id))?.id).toBe(source.bad.id)
  const restored = await startAgent()
  expect(await restored.client.import([...full.chunks, ...next.chunks])).toMatchObject({ stored: 3, refused: 0 })
})

test('a stream hands out what is mended, once, while it is open and when it goes on', async () => {
  const { client, blocks, bad, mend, publish } = await spoiled()
  const [a, , c] = blocks.map(({ id }) => id)
  const open = client.subscribe({}, { after: 'start' })
  const take = async (stream: typeof open) => (await stream.next()).value?.id
  expect([await take(open), await take(open)]).toEqual([a, c])
  const left = open.cursor!
  await mend()
  expect(await take(open)).toBe(bad.id)
  const again = client.subscribe({}, { after: left })
  expect(await take(again)).toBe(bad.id)
  // From the beginning it comes where it stands now, not at both places.
  const all = client.subscribe({}, { after: 'start' })
  expect([await take(all), await take(all), await take(all)]).toEqual([a, c, bad.id])
  const more = await publish({ embedding: [9, 9], model: 'test:two' })
  for (const stream of [open, again, all]) expect(await take(stream)).toBe(more.id)
  await Promise.all([open, again, all].map(stream => stream.return()))
})

test('a peer that goes on from the log gets what was mended while it was away', async () => {
  const network = memoryNetwork()
  const transports = [memoryTransport({ network, name: 'mended' })]
  const { signer, bad, mend } = await spoiled({ timing, transports })
  const storage = await openBlockStore(memoryStorage())
  const { client } = await startAgent({ timing, storage, transports: [memoryTransport({ network, name: 'peer' })] })
  await client.connect('memory://mended')
  await client.waitForSync()
  expect((await client.status()).store.blocks).toBe(2)
  await expect.poll(async () => (await collect(storage.side.range(PLACES))).length).toBe(1)
  await client.disconnect(signer.did)
  await mend()
  await client.connect('memory://mended')
  await client.waitForSync()
  await expect.poll(() => storage.has([bad.id])).toEqual([true])
})
