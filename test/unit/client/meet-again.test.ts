import { expect, test } from 'vitest'
import type { PeerStatus } from '../../../src/client/index'
import { startAgents, type Agent } from './agents'

const peerOf = async ({ client }: Agent): Promise<PeerStatus> => (await client.status()).peers[0]!

/** Two agents that have met: each has remembered how far it has dealt with the other's log. */
async function acquainted(): Promise<[Agent, Agent]> {
  const [a, b] = await startAgents(2)
  for (let i = 0; i < 50; i++) {
    await a.publish({ embedding: [1, i] })
    await b.publish({ embedding: [2, i] })
  }
  await a.client.connect('memory://b')
  await a.client.waitForSync()
  expect(await peerOf(a)).toMatchObject({ isResumed: false, rounds: 1 })
  // Places are told after an audit, and remembered when they have come.
  await new Promise(resolve => setTimeout(resolve, 100))
  await a.client.disconnect(b.client.id)
  return [a, b]
}

test('agents that meet again tell what came since, at the cost of that', async () => {
  const [a, b] = await acquainted()
  for (let i = 0; i < 5; i++) await b.publish({ embedding: [3, i] })
  await a.publish({ embedding: [4, 0] })
  await a.client.connect('memory://b')
  await a.client.waitForSync()
  const peer = await peerOf(a)
  expect(peer).toMatchObject({ phase: 'live', isResumed: true, rounds: 0, stored: 5, sent: 1 })
  expect(peer.bytesIn + peer.bytesOut).toBeLessThan(6 * 400 + 1_500)
  expect((await a.client.status()).store.blocks).toBe(106)
  expect((await b.client.status()).store.blocks).toBe(106)
})

test('with nothing new, a word from each side is enough', async () => {
  const [a, b] = await acquainted()
  await a.client.connect('memory://b')
  await a.client.waitForSync()
  for (const agent of [a, b]) {
    const peer = await peerOf(agent)
    expect(peer).toMatchObject({ phase: 'live', isResumed: true, rounds: 0 })
    expect(peer.bytesIn + peer.bytesOut).toBeLessThan(1_500)
  }
})
