import { expect, test } from 'vitest'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import type { Failure } from '../../../src/base/index'
import type { Connection, Signaling, SignalingHandlers } from '../../../src/wire/index'
import { agent, candidateFilter, cleanup, service, until } from './webrtc-room'

test.each([
  ['throws', () => void fail()],
  ['rejects', async () => fail()],
])('a taker that %s loses that connection, hears of it, and is given another', async (_, refuse) => {
  const { url } = await service()
  const heard: Failure[] = []
  const onFailure = (_remote: string, failure: Failure) => void heard.push(failure)
  const terms = { signaling: url, room: 'lab', candidateFilter, retryMs: 1 }
  // The one that answers, and then the one that dials.
  const first = await agent(url)
  let times = 0
  let taken: Connection | undefined
  const take = (connection: Connection) => (++times < 4 ? refuse() : void (taken = connection))
  const second = await webRtcTransport(terms).listen!(take, { onFailure })
  cleanup(() => second.close())
  await until(() => taken !== undefined)
  await taken!.send(Uint8Array.of(42))
  let arrived = 0
  await until(() => {
    for (const connection of first.connections) connection.onMessage(() => void arrived++)
    return arrived > 0
  })
  expect(heard).toHaveLength(3)
  expect(heard[0]).toMatchObject({ code: 'protocol', message: expect.stringContaining('no use for it') })
  const third = await agent(url)
  times = 0
  await until(() => times > 0 && heard.length > 3 && third.connections.length > 0)
  await taken!.close()
})

function fail(): never {
  throw new Error('no use for it')
}

/** A service of somebody's own, with other ways for a member to leave and to come in again. */
function serviceOf(leave: () => Promise<void>, again?: () => never) {
  let handlers: SignalingHandlers | undefined
  const signaling: Signaling = {
    async join(_room, given) {
      if (handlers) again?.()
      handlers = given
      return Promise.resolve({ self: 'me', peers: [], send() {}, leave })
    },
  }
  return { signaling, lose: () => handlers!.onClose!() }
}

test.each([
  ['throws', fail, 'no use for it'],
  ['rejects', async () => fail(), 'no use for it'],
  ['never answers', () => new Promise<void>(() => {}), 'timeout'],
])('a service that %s when it is left holds nobody up, and is named', async (_, leave, reason) => {
  const heard: Failure[] = []
  const onFailure = (_remote: string, failure: Failure) => void heard.push(failure)
  const listener = await webRtcTransport({ signaling: serviceOf(leave).signaling, room: 'lab' }).listen!(() => {}, {
    onFailure,
  })
  await listener.close()
  expect(heard).toMatchObject([{ message: expect.stringContaining(reason) }])
})

test('a service that refuses with any error is looked for again with growing waits, and the error shows', async () => {
  const heard: Failure[] = []
  const onFailure = (_remote: string, failure: Failure) => void heard.push(failure)
  const { signaling, lose } = serviceOf(async () => {}, fail)
  const listener = await webRtcTransport({ signaling, room: 'lab', retryMs: 1 }).listen!(() => {}, { onFailure })
  cleanup(() => listener.close())
  lose()
  await until(() => heard.length >= 3)
  expect(heard[2]).toMatchObject({ code: 'signaling', report: { step: 'signaling' } })
  const failures = heard.length + 1
  expect(listener.attempts!()).toMatchObject([{ failures, lastError: { message: 'Error: no use for it' } }])
})

test('attempts at many members at once, and waits for them, are no leak of listeners', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  cleanup(() => process.off('warning', note))
  const peers = Array.from({ length: 24 }, (_, i) => `silent${i}`)
  const signaling: Signaling = {
    join: () => Promise.resolve({ self: 'me', peers, send() {}, leave: () => Promise.resolve() }),
  }
  const failed = new Set<string>()
  const terms = { signaling, room: 'lab', candidateFilter, timeoutMs: 300, retryMs: 20_000 }
  const listener = await webRtcTransport(terms).listen!(() => {}, { onFailure: remote => void failed.add(remote) })
  await until(() => failed.size === peers.length)
  const start = performance.now()
  await listener.close()
  expect(performance.now() - start).toBeLessThan(500)
  expect(warnings).toEqual([])
})
