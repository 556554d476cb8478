import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { natsCarrier } from '../../../src/adapters/transport/nats'
import type { Carrier, OpenCarrier } from '../../../src/wire/index'
import { closedWhileStarting, hung } from './hung-service'

const INFO = { server_id: 'x', version: '2.10.0', proto: 1, headers: true, max_payload: 1_048_576 }
const WAYS: Record<string, (socket: Socket) => void> = {
  nothing: () => {},
  'no question about its streams': socket => {
    socket.write(`INFO ${JSON.stringify(INFO)}\r\n`)
    socket.on('data', data => data.includes('PING') && socket.write('PONG\r\n'))
  },
}

test.each(Object.entries(WAYS))('close waits for no server that answers %s', async (_, speak) => {
  const { address, met } = await hung(speak)
  const when = met.then(() => new Promise(resolve => setTimeout(resolve, 100)))
  expect(
    await closedWhileStarting({ carriers: [natsCarrier({ servers: `nats://${address}`, timeoutMs: 5_000 })] }, when),
  ).toBeLessThan(1_000)
})

test('a carrier that opens after its client was closed is closed too', async () => {
  let open = (_: OpenCarrier) => {}
  let begun = () => {}
  const when = new Promise<void>(resolve => (begun = resolve))
  const opened = new Promise<OpenCarrier>(resolve => (open = resolve))
  const carrier: Carrier = { name: 'slow', open: () => (begun(), opened) }
  expect(await closedWhileStarting({ carriers: [carrier] }, when)).toBeLessThan(1_000)
  const closed = new Promise<void>(resolve => {
    open({
      status: () => ({ name: 'slow', state: 'connected', published: 0, received: 0, invalid: 0 }),
      caughtUp: async () => {},
      close: async () => resolve(),
    })
  })
  await closed
})
