import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { webSocketSignaling } from '../../../src/adapters/transport/webrtc'
import { createSignalingServer, type SignalingServerOptions } from '../../../src/surfaces/signaling/index'
import type { SignalingHandlers } from '../../../src/wire/index'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function service(options: SignalingServerOptions = {}) {
  const server = await createSignalingServer(options)
  cleanups.push(() => server.close())
  return server
}

/** A service of somebody else, which answers a join with `answers`. */
async function foreign(...answers: unknown[]): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  cleanups.push(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  server.on('connection', socket => {
    socket.on('message', () => {
      for (const answer of answers) socket.send(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  await once(server, 'listening')
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function enter(url: string, handlers: Partial<SignalingHandlers> = {}, room = 'lab') {
  const log: unknown[] = []
  const membership = await webSocketSignaling(url).join(room, {
    onJoin: peer => log.push(['join', peer]),
    onLeave: peer => log.push(['leave', peer]),
    onSignal: (from, data) => log.push(['signal', from, data]),
    onClose: () => log.push(['close']),
    ...handlers,
  })
  cleanups.push(() => membership.leave())
  return { room: membership, log }
}

const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), { timeout: 10_000, interval: 5 })
const welcome = { type: 'peers', self: 'me', peers: ['you'], heartbeat: 30_000 }

test('members of a room hear of each other', async () => {
  const { url } = await service()
  const a = await enter(url)
  const b = await enter(url)
  expect([a.room.peers, b.room.peers]).toEqual([[], [a.room.self]])
  b.room.send(a.room.self, { hello: 1 })
  await until(() => a.log.length === 2)
  await b.room.leave()
  await until(() => a.log.length === 3)
  const { self } = b.room
  expect(a.log).toEqual([
    ['join', self],
    ['signal', self, { hello: 1 }],
    ['leave', self],
  ])
  expect(b.log).toEqual([])
})

test('what a service says in the same breath as its welcome is heard after the room is ours', async () => {
  const url = await foreign(welcome, { type: 'joined', peer: 'x' }, { type: 'signal', from: 'you', data: 1 })
  const order: string[] = []
  await enter(url, { onJoin: () => order.push('join'), onSignal: () => order.push('signal') }).then(() =>
    order.push('entered'),
  )
  await until(() => order.length === 3)
  expect(order).toEqual(['entered', 'join', 'signal'])
})

test('a service that ends is reported once', async () => {
  const server = await service()
  const a = await enter(server.url)
  await server.close()
  await until(() => a.log.length === 1)
  expect(a.log).toEqual([['close']])
})

test('a service that has gone silent counts as gone', async () => {
  const a = await enter(await foreign({ ...welcome, heartbeat: 20 }))
  await until(() => a.log.length === 1)
  expect(a.log).toEqual([['close']])
})

test('a service that lives is not taken for silent', async () => {
  const { url } = await service({ heartbeatMs: 30 })
  const a = await enter(url)
  await new Promise(resolve => setTimeout(resolve, 200))
  expect(a.log).toEqual([])
})

describe('a join is refused', () => {
  test('as `signaling` when nobody answers, or something else does', async () => {
    await expect(enter('ws://127.0.0.1:1')).rejects.toMatchObject({ code: 'signaling' })
    const answers = ['hello', { type: 'alive' }, { type: 'signal', from: 'x', data: 1 }, { ...welcome, peers: [1] }]
    for (const answer of answers) {
      await expect(enter(await foreign(answer))).rejects.toMatchObject({ code: 'signaling' })
    }
  })

  test('as `limit` when the room is full', async () => {
    const { url } = await service({ maxPeersPerRoom: 1 })
    await enter(url)
    await expect(enter(url)).rejects.toMatchObject({ code: 'limit' })
  })

  test('as `bad-value` for a name that is no room, as `bad-address` for a URL that is none', async () => {
    const { url } = await service()
    await expect(enter(url, {}, 'a b')).rejects.toMatchObject({ code: 'bad-value' })
    await expect(enter('nonsense')).rejects.toMatchObject({ code: 'bad-address' })
  })

  test('with the code of the service only if it is one that services have', async () => {
    const url = await foreign({ type: 'error', code: 'bad-seed', message: 'x'.repeat(5_000) })
    const error = await enter(url).catch(reason => reason)
    expect([error.code, error.message.length]).toEqual(['signaling', 200])
  })

  test('as `timeout` when the service never welcomes, as `aborted` when the caller stops', async () => {
    const url = await foreign()
    const handlers = { onSignal: () => {} }
    const slow = webSocketSignaling(url, { timeoutMs: 40 }).join('lab', handlers)
    await expect(slow).rejects.toMatchObject({ code: 'timeout' })
    const stop = new AbortController()
    const stopped = webSocketSignaling(url).join('lab', handlers, { signal: stop.signal })
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' })
  })
})

test('a service that breaks the protocol later, or sends too much, is left', async () => {
  for (const second of [welcome, 'x', { type: 'joined', peer: 7 }, { type: 'joined', peer: 'x'.repeat(70_000) }]) {
    const a = await enter(await foreign(welcome, second))
    await until(() => a.log.length === 1)
    expect(a.log).toEqual([['close']])
  }
})

test('a heartbeat beyond what timers can count does not end the room', async () => {
  const a = await enter(await foreign({ ...welcome, heartbeat: Number.MAX_SAFE_INTEGER }))
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(a.log).toEqual([])
})
