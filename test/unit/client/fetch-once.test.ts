import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { createBlock } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import { startAgent } from './agents'

const COUNT = 1_200
const signer = await Signer.generate()

test('of two peers that hold the same, each brings a part, and next to nothing comes twice', async () => {
  const network = memoryNetwork()
  const on = (name: string) => startAgent({ transports: [memoryTransport({ network, name })] })
  const [a, b, c] = [await on('a'), await on('b'), await on('c')]
  const make = async (_: unknown, n: number) =>
    createBlock({ embedding: [n, 1], model: 'acme:embed', sky: false }, signer)
  const blocks = await Promise.all(Array.from({ length: COUNT }, make))
  for (const { client } of [a, b]) await Promise.all(blocks.map(block => client.publish(block)))
  await Promise.all([c.client.connect('memory://a'), c.client.connect('memory://b')])
  await c.client.waitForSync()
  const { peers, store } = await c.client.status()
  expect(store.blocks).toBe(COUNT)
  const received = peers.map(peer => peer.received)
  expect(received[0]! + received[1]!).toBeLessThan(1.1 * COUNT)
  expect(Math.min(...received)).toBeGreaterThan(COUNT / 20)
})
