import { expect, onTestFinished, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { createBlock, type EmbeddingBlock } from '../../../src/block/index'
import type { ClientEvents } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { observeSky } from '../../../src/sky/index'
import { openHostilePeer } from '../../../src/testing/index'
import { startAgent } from './agents'

const greenwich = { latitude: 51.4779, longitude: -0.0015, elevation: 46 }

/** A victim with one block of its own, connected to a peer that hands over whatever it likes. */
async function meetMallory() {
  const network = memoryNetwork()
  const victim = await startAgent({ transports: [memoryTransport({ network, name: 'victim' })] })
  const own = await victim.publish()
  const signer = await Signer.generate()
  const mallory = await openHostilePeer({ signer, transport: memoryTransport({ network, name: 'mallory' }) })
  onTestFinished(() => mallory.close())
  await mallory.connect('memory://victim')
  const sign = (fields: Partial<Parameters<typeof createBlock>[0]> = {}): Promise<EmbeddingBlock> =>
    createBlock({ embedding: [1, 0], model: 'test:two', ...fields } as never, signer)
  return { victim, own, mallory, sign, did: signer.did, next: nextOf(victim.client) }
}

function nextOf(client: Awaited<ReturnType<typeof startAgent>>['client']) {
  return <K extends keyof ClientEvents>(event: K) =>
    new Promise<ClientEvents[K]>(resolve => {
      const stop = client.on(event, payload => {
        stop()
        resolve(payload)
      })
    })
}

test('a false sky is refused by name, and the connection lives on', async () => {
  const { victim, mallory, sign, did, next } = await meetMallory()
  const time = Date.now()
  const sky = observeSky({ time, place: { latitude: -33.8568, longitude: 151.2153 } })
  const refused = next('refused')
  const lie = await sign({ time, place: greenwich, sky })
  mallory.offer(lie)
  expect(await refused).toMatchObject({
    peer: did,
    id: lie.id,
    verdict: { status: 'invalid', code: 'sky-mismatch', field: expect.stringMatching(/^sky\./) },
  })
  const arrived = next('block')
  const honest = await sign({ place: greenwich })
  mallory.offer(honest)
  expect((await arrived).block.id).toBe(honest.id)
  expect(await victim.client.get(lie.id, { admitted: false })).toBeUndefined()
  expect((await victim.client.status()).peers[0]).toMatchObject({ peer: did, faults: 1 })
})

test('a tampered signature closes the connection, and nothing already stored is lost', async () => {
  const { victim, own, mallory, sign, did, next } = await meetMallory()
  const block = await sign()
  const bytes = block.bytes.slice()
  bytes[bytes.length - 20]! ^= 1
  const [refused, disconnected] = [next('refused'), next('disconnected')]
  mallory.offer({ id: block.id, time: block.time, bytes })
  expect((await refused).verdict).toMatchObject({ status: 'invalid', code: 'bad-signature' })
  expect(await disconnected).toMatchObject({ peer: did, failure: { code: 'bad-signature' } })
  expect((await victim.client.get(own.id))?.bytes).toEqual(own.bytes)
  expect((await victim.client.status()).store.blocks).toBe(1)
})

test('bytes that are no block, or another block than announced, close the connection', async () => {
  for (const lie of ['garbage', 'other'] as const) {
    const { mallory, sign, next, victim } = await meetMallory()
    const [block, other] = [await sign(), await sign({ tags: ['other'] })]
    const disconnected = next('disconnected')
    mallory.offer({ id: block.id, time: block.time, bytes: lie === 'other' ? other.bytes : new Uint8Array(100) })
    expect((await disconnected).failure).toBeDefined()
    expect((await victim.client.status()).store.blocks).toBe(1)
  }
})

test('a peer that keeps sending false skies is cut off', async () => {
  const { mallory, sign, next } = await meetMallory()
  const disconnected = next('disconnected')
  const sky = observeSky({ time: 0, place: greenwich })
  for (let i = 0; i < 12; i++) mallory.offer(await sign({ place: greenwich, sky, tags: [`lie ${i}`] }))
  expect(await disconnected).toMatchObject({ failure: { code: expect.any(String) } })
})
