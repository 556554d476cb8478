import { expect, test } from 'vitest'
import { webSocketSignaling } from '../../../src/adapters/transport/webrtc'
import type { Connection } from '../../../src/wire/index'
import { UdpPath } from './udp-path'
import { agent, carries, cleanup, service, until, watched } from './webrtc-room'

/** Two connected agents whose packets all take one path. */
async function pathBetween(url: string) {
  const path = new UdpPath()
  cleanup(() => path.close())
  const { wrtc, made } = watched()
  const room = Math.random().toString(36)
  const signaling = path.through(webSocketSignaling(url))
  const first = await agent(url, { room, signaling, wrtc })
  const second = await agent(url, { room, signaling, wrtc })
  await until(() => first.connections.length === 1 && second.connections.length === 1)
  const [a, b] = [first.connections[0]!, second.connections[0]!]
  await carries(a, b)
  return { path, made, first, second, a, b }
}

function everything(connection: Connection): { bytes: number } {
  const taken = { bytes: 0 }
  connection.onMessage(message => (taken.bytes += message.length))
  return taken
}

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

test('what was sent before `close` arrives, and the end is orderly, though the path was down for a while', async () => {
  const { url } = await service()
  const { path, a, b } = await pathBetween(url)
  const taken = everything(b)
  path.down = true
  for (let i = 0; i < 10; i++) await a.send(new Uint8Array(60_000))
  const closing = a.close()
  await pause(2_500)
  expect(taken.bytes).toBeLessThan(600_000)
  path.down = false
  await closing
  expect([await a.closed, await b.closed]).toEqual([undefined, undefined])
  expect(taken.bytes).toBe(600_000)
})

test('a path that stays down ends the connection, open or closing; one that comes back does not', async () => {
  const { url } = await service()
  const lost = await pathBetween(url)
  const closing = await pathBetween(url)
  const back = await pathBetween(url)
  for (const { path } of [lost, closing, back]) path.down = true
  const closed = closing.a.close()
  await until(() => back.made.some(({ iceConnectionState }) => iceConnectionState === 'disconnected'))
  back.path.down = false
  expect(await lost.a.closed).toMatchObject({ code: 'peer-gone', message: 'the path is down' })
  expect(await lost.b.closed).toMatchObject({ code: 'peer-gone', message: 'the path is down' })
  await closed
  await pause(2_500)
  await carries(back.a, back.b)
  await carries(back.b, back.a)
  expect([back.first.connections.length, back.second.connections.length]).toEqual([1, 1])
})

test('an agent that closes does not wait until a path that is down counts as lost', async () => {
  const { url } = await service()
  const { path, second, b } = await pathBetween(url)
  path.down = true
  const start = performance.now()
  const closing = b.close()
  await second.listener.close()
  await closing
  expect(performance.now() - start).toBeLessThan(4_000)
})
