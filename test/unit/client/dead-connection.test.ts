import { expect, onTestFinished, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { Signer, SyncClient } from '../../../src/index'
import type { Connection, Transport } from '../../../src/wire/index'

/** A transport whose connections can be cut without either side hearing of it. */
function cuttable(transport: Transport) {
  let cuts = 0
  const over = (connection: Connection): Connection => {
    const born = cuts
    return {
      ...{ remote: connection.remote, initiator: connection.initiator },
      closed: connection.closed.then(failure => (cuts > born ? new Promise<never>(() => {}) : failure)),
      send: message => (cuts > born ? Promise.resolve() : connection.send(message)),
      onMessage: handler => connection.onMessage(message => cuts === born && handler(message)),
      close: () => connection.close(),
    }
  }
  const dial: Transport['dial'] = async (...args) => over(await transport.dial(...args))
  return { transport: { ...transport, dial } satisfies Transport, cut: () => void cuts++ }
}

test('a peer that comes anew while its dead connection still counts is met within four heartbeats', async () => {
  const network = memoryNetwork()
  const signers = await Promise.all([Signer.generate(), Signer.generate()])
  // Of two connections dialled by opposite sides, the smaller did's is kept.
  const [small, large] = signers.sort((a, b) => (a.did < b.did ? -1 : 1)) as [Signer, Signer]
  const { transport, cut } = cuttable(memoryTransport({ network, name: 'small' }))
  const timing = { heartbeat: 400 }
  const near = new SyncClient({ signer: small, transports: [transport], timing })
  const first = new SyncClient({ signer: large, transports: [memoryTransport({ network, name: 'large' })], timing })
  await Promise.all([near.start(), first.start()])
  await near.connect('memory://large')
  await near.waitForSync()
  cut()
  await first.close()
  // As a tab that was loaded anew: the same identity, and nothing of what it had.
  const again = new SyncClient({ signer: large, transports: [memoryTransport({ network })], timing })
  await again.start()
  onTestFinished(async () => void (await Promise.all([near.close(), again.close()])))
  const gone = new Promise<number>(resolve => near.on('disconnected', () => resolve(performance.now())))
  const before = performance.now()
  await again.connect('memory://small', { retry: true }).catch(() => {})
  expect((await gone) - before).toBeLessThan(5 * timing.heartbeat)
  await expect
    .poll(async () => (await again.status()).peers.map(({ phase }) => phase), { timeout: 5_000 })
    .toEqual(['live'])
})
