import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { spoilRecord } from '../../tools/store-keys'
import { startAgent } from './agents'

test('a block whose record is damaged comes again from a peer, and nobody calls repair', async () => {
  const network = memoryNetwork()
  const peer = await startAgent({ transports: [memoryTransport({ network, name: 'peer' })] })
  const raw = memoryStorage()
  const storage = await openBlockStore(raw)
  const { client } = await startAgent({ storage, transports: [memoryTransport({ network, name: 'damaged' })] })
  client.on('error', () => {})
  const block = await peer.publish({ input: { type: 'text', content: 'kept by both' } })
  await client.connect('memory://peer')
  await client.waitForSync()
  expect((await client.get(block.id))?.id).toBe(block.id)
  await client.disconnect(peer.signer.did)
  await spoilRecord(raw, block.id)
  const lost = new Promise(resolve => storage.onChange(change => change.lost && resolve(change.lost)))
  expect(await storage.has([block.id])).toEqual([false])
  expect(await lost).toEqual([{ id: block.id, time: block.time }])
  await client.connect('memory://peer')
  await client.waitForSync()
  expect(await storage.has([block.id])).toEqual([true])
  expect((await client.status()).store.blocks).toBe(1)
})
