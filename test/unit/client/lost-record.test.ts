import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { utf8 } from '../../../src/base/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { spoilRecord } from '../../tools/store-keys'
import { collect } from '../../../src/testing/suite-tools'
import { startAgent } from './agents'

/** Where places in peers' logs are kept. */
const PLACES = { gte: utf8('sync/peer/'), lt: utf8('sync/peer0') }
const timing = { greeting: 10_000, heartbeat: 20, stall: 30_000, audit: 300_000 }

test('a block whose record is damaged comes again from a peer, and nobody calls repair', async () => {
  const network = memoryNetwork()
  const peer = await startAgent({ timing, transports: [memoryTransport({ network, name: 'peer' })] })
  const raw = memoryStorage()
  const storage = await openBlockStore(raw)
  const { client } = await startAgent({ timing, storage, transports: [memoryTransport({ network, name: 'damaged' })] })
  client.on('error', () => {})
  const block = await peer.publish({ input: { type: 'text', content: 'kept by both' } })
  await client.connect('memory://peer')
  await client.waitForSync()
  expect((await client.get(block.id))?.id).toBe(block.id)
  // Until the place in the peer's log is remembered, from which the next session would go on.
  await expect.poll(async () => (await collect(storage.side.range(PLACES))).length).toBe(1)
  await client.disconnect(peer.signer.did)
  await spoilRecord(raw, block.id)
  const lost = new Promise(resolve => storage.onChange(change => change.lost && resolve(change.lost)))
  expect(await storage.has([block.id])).toEqual([false])
  expect(await lost).toEqual([{ id: block.id, time: block.time }])
  await client.connect('memory://peer')
  await client.waitForSync()
  expect(await storage.has([block.id])).toEqual([true])
  expect((await client.status()).store.blocks).toBe(1)
  await spoilRecord(raw, block.id)
  expect(await storage.has([block.id])).toEqual([false])
  // The session that stands compares at once.
  await expect.poll(() => storage.has([block.id])).toEqual([true])
})
