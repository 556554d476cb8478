import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { natsCarrier } from '../../../src/adapters/transport/nats'
import { Signer, SyncClient } from '../../../src/index'
import type { Carrier, OpenCarrier } from '../../../src/wire/index'

/** A service that takes connections and leaves whoever speaks to it waiting, from the first word on or from the first question. */
async function hung(speak: (socket: Socket) => void): Promise<{ url: string; met: Promise<void> }> {
  const sockets: Socket[] = []
  let meet = () => {}
  const met = new Promise<void>(resolve => (meet = resolve))
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}))
    speak(socket)
    meet()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    sockets.forEach(socket => socket.destroy())
    server.close()
  })
  return { url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`, met }
}

const INFO = { server_id: 'x', version: '2.10.0', proto: 1, headers: true, max_payload: 1_048_576 }
const WAYS: Record<string, (socket: Socket) => void> = {
  nothing: () => {},
  'no question about its streams': socket => {
    socket.write(`INFO ${JSON.stringify(INFO)}\r\n`)
    socket.on('data', data => data.includes('PING') && socket.write('PONG\r\n'))
  },
}

async function closedWhileStarting(carrier: Carrier, when: Promise<unknown>): Promise<number> {
  const client = new SyncClient({ signer: await Signer.generate(), carriers: [carrier] })
  const starting = client.start()
  const refused = expect(starting).rejects.toMatchObject({ code: 'closed' })
  await when
  const before = performance.now()
  await client.close()
  const took = performance.now() - before
  await refused
  return took
}

test.each(Object.entries(WAYS))('close waits for no server that answers %s', async (_, speak) => {
  const { url, met } = await hung(speak)
  const when = met.then(() => new Promise(resolve => setTimeout(resolve, 100)))
  expect(await closedWhileStarting(natsCarrier({ servers: url, timeoutMs: 5_000 }), when)).toBeLessThan(1_000)
})

test('a carrier that opens after its client was closed is closed too', async () => {
  let open = (_: OpenCarrier) => {}
  let begun = () => {}
  const when = new Promise<void>(resolve => (begun = resolve))
  const opened = new Promise<OpenCarrier>(resolve => (open = resolve))
  const carrier: Carrier = { name: 'slow', open: () => (begun(), opened) }
  expect(await closedWhileStarting(carrier, when)).toBeLessThan(1_000)
  const closed = new Promise<void>(resolve => {
    open({
      status: () => ({ name: 'slow', state: 'connected', published: 0, received: 0, invalid: 0 }),
      caughtUp: async () => {},
      close: async () => resolve(),
    })
  })
  await closed
})
