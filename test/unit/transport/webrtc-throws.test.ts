import { expect, test } from 'vitest'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import type { Failure } from '../../../src/base/index'
import type { Connection, Signaling, SignalingHandlers } from '../../../src/wire/index'
import { agent, candidateFilter, carries, cleanup, service, until } from './webrtc-room'

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
  await carries(taken!, first.connections.at(-1)!)
  expect(heard).toHaveLength(3)
  expect(heard[0]).toMatchObject({ code: 'protocol', message: expect.stringContaining('no use for it') })
  const third = await agent(url)
  times = 0
  await until(() => times > 0 && heard.length === 4 && third.connections.length > 0)
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
  await until(() => heard.length === 3)
  expect(heard[2]).toMatchObject({ code: 'signaling', report: { step: 'signaling' } })
  expect(listener.attempts!()).toMatchObject([{ failures: 4, lastError: { message: 'Error: no use for it' } }])
})
