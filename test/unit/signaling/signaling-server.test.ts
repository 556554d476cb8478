import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createSignalingServer, type SignalingServerOptions } from '../../../src/surfaces/signaling/index'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function service(options: SignalingServerOptions = {}) {
  const server = await createSignalingServer(options)
  cleanups.push(() => server.close())
  return server
}

/** A client that speaks raw JSON, and every event it heard but heartbeats. */
function client(url: string, options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(url, options)
  const events: Record<string, unknown>[] = []
  const closed = new Promise<number>(resolve => socket.on('close', resolve))
  socket.on('error', () => {})
  socket.on('message', text => {
    const event = JSON.parse(String(text))
    if (event.type !== 'alive') events.push(event)
  })
  cleanups.push(() => socket.terminate())
  const say = async (...messages: unknown[]) => {
    if (socket.readyState === WebSocket.CONNECTING) await once(socket, 'open')
    for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
  const hear = async (count: number) => {
    await until(() => events.length >= count)
    return events
  }
  return { socket, events, closed, say, hear }
}

async function join(url: string, room = 'lab') {
  const member = client(url)
  await member.say({ type: 'join', version: 1, room })
  const [welcome] = await member.hear(1)
  return { ...member, id: welcome!['self'] as string, welcome: welcome! }
}

const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), { timeout: 10_000, interval: 5 })

describe('rooms', () => {
  test('members learn of each other, pass data on, and learn who left', async () => {
    const server = await service()
    const a = await join(server.url)
    const b = await join(server.url)
    expect(a.welcome).toEqual({ type: 'peers', self: a.id, peers: [], heartbeat: 30_000 })
    expect(b.welcome).toMatchObject({ peers: [a.id] })
    await b.say({ type: 'signal', to: a.id, data: { x: [1, 'é', null] } })
    expect((await a.hear(3)).slice(1)).toEqual([
      { type: 'joined', peer: b.id },
      { type: 'signal', from: b.id, data: { x: [1, 'é', null] } },
    ])
    b.socket.close()
    expect((await a.hear(4))[3]).toEqual({ type: 'left', peer: b.id })
    expect(server.stats()).toEqual({ rooms: 1, members: 1, connections: 1, relayed: 1, refused: 0 })
  })

  test('nothing crosses from one room to another, and unknown members are no error', async () => {
    const server = await service()
    const a = await join(server.url, 'one')
    const b = await join(server.url, 'two')
    await b.say({ type: 'signal', to: a.id, data: 1 }, { type: 'signal', to: 'nobody', data: 1 })
    const c = await join(server.url, 'two')
    await b.say({ type: 'signal', to: c.id, data: 2 })
    await c.hear(2)
    expect([a.events.length, server.stats().relayed, server.stats().refused]).toEqual([1, 1, 0])
  })

  test('an empty room is forgotten', async () => {
    const server = await service()
    const a = await join(server.url)
    a.socket.close()
    await until(() => server.stats().connections === 0)
    expect(server.stats()).toMatchObject({ rooms: 0, members: 0 })
  })
})

describe('limits', () => {
  test('one room more than allowed is refused as `limit`', async () => {
    const { url } = await service({ maxRooms: 2 })
    await join(url, '1')
    await join(url, '2')
    await join(url, '2')
    const late = client(url)
    await late.say({ type: 'join', version: 1, room: '3' })
    expect(await late.hear(1)).toMatchObject([{ type: 'error', code: 'limit', message: expect.stringContaining('2') }])
    expect(await late.closed).toBe(1008)
  })

  test('one member more than a room holds is refused as `limit`, and the others never hear of it', async () => {
    const { url } = await service({ maxPeersPerRoom: 1 })
    const a = await join(url)
    const late = client(url)
    await late.say({ type: 'join', version: 1, room: 'lab' })
    expect(await late.hear(1)).toMatchObject([{ code: 'limit' }])
    await late.closed
    expect(a.events.length).toBe(1)
  })

  test('a message over the limit ends the socket before it is read', async () => {
    const { url } = await service({ maxMessageBytes: 200 })
    const a = await join(url)
    await a.say({ type: 'signal', to: a.id, data: 'x'.repeat(200) })
    expect(await a.closed).toBe(1009)
  })

  test('sockets over the limit are refused', async () => {
    const { url } = await service({ maxConnections: 1 })
    await join(url)
    const [, response] = await once(client(url).socket, 'unexpected-response')
    expect(response.statusCode).toBe(503)
  })

  test('a socket that joins no room is dropped', async () => {
    const { url } = await service({ joinMs: 40 })
    const idle = client(url)
    expect(await idle.hear(1)).toMatchObject([{ code: 'protocol' }])
    expect(await idle.closed).toBe(1008)
  })

  test('a member that floods is read more slowly, and others are not', async () => {
    const server = await service({ ratePerSecond: 20 })
    const a = await join(server.url)
    const b = await join(server.url)
    const flood = Array.from({ length: 4_000 }, (_, i) => ({ type: 'signal', to: a.id, data: i }))
    await b.say(...flood)
    await join(server.url)
    const relayed = server.stats().relayed
    expect(relayed).toBeLessThan(4_000)
    for (let i = 0; i < 3; i++) await join(server.url)
    expect(server.stats().relayed).toBe(relayed)
  })

  test('a member that reads nothing is dropped once its backlog is full', async () => {
    const { url, stats } = await service({ ratePerSecond: 100_000 })
    const deaf = await join(url)
    deaf.socket.pause()
    const loud = await join(url)
    const data = 'x'.repeat(16_000)
    while (stats().members === 2) {
      await loud.say(...Array.from({ length: 50 }, () => ({ type: 'signal', to: deaf.id, data })))
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    expect((await loud.hear(2)).at(-1)).toEqual({ type: 'left', peer: deaf.id })
  })

  test('a socket that answers no pings is dropped', async () => {
    const { url, stats } = await service({ heartbeatMs: 30 })
    const dead = client(url, { autoPong: false })
    await dead.say({ type: 'join', version: 1, room: 'lab' })
    const alive = await join(url)
    await dead.closed
    await new Promise(resolve => setTimeout(resolve, 100))
    expect([alive.socket.readyState, stats().members]).toEqual([WebSocket.OPEN, 1])
  })
})

describe('malformed words', () => {
  const deep = `{"type":"signal","to":"x","data":${'['.repeat(7_000)}${']'.repeat(7_000)}}`
  const cases: [name: string, code: string, ...messages: unknown[]][] = [
    ['no JSON', 'bad-json', 'hello'],
    ['no object', 'bad-json', '[]'],
    ['an unknown type', 'bad-type', { type: 'shout' }],
    ['another version', 'version', { type: 'join', version: 2, room: 'lab' }],
    ['an empty room name', 'bad-value', { type: 'join', version: 1, room: '' }],
    ['a room name too long', 'bad-value', { type: 'join', version: 1, room: 'x'.repeat(129) }],
    ['a room name with control characters', 'bad-value', { type: 'join', version: 1, room: 'a\u001b[2J' }],
    ['a signal before joining', 'protocol', { type: 'signal', to: 'x', data: 1 }],
    ['a second join', 'protocol', { type: 'join', version: 1, room: 'a' }, { type: 'join', version: 1, room: 'b' }],
    ['nesting that would overflow the stack', 'too-deep', { type: 'join', version: 1, room: 'a' }, deep],
  ]
  test.each(cases)('%s is answered as `%s` and ends the socket', async (_, code, ...messages) => {
    const server = await service()
    const bad = client(server.url)
    await bad.say(...messages)
    expect(await bad.closed).toBe(1008)
    expect(bad.events.at(-1)).toMatchObject({ type: 'error', code })
    expect(server.stats()).toMatchObject({ refused: 1, members: 0 })
  })

  test('binary messages too', async () => {
    const { url } = await service()
    const bad = client(url)
    await once(bad.socket, 'open')
    bad.socket.send(Uint8Array.of(1, 2, 3))
    expect(await bad.closed).toBe(1008)
  })

  test('broken frames end their socket only', async () => {
    const server = await service()
    const a = await join(server.url)
    const bad = client(server.url)
    await once(bad.socket, 'open')
    ;(bad.socket as unknown as { _socket: Socket })._socket.write(Buffer.from([0xff, 0xff, 0x00]))
    await bad.closed
    const b = await join(server.url)
    expect(b.welcome).toMatchObject({ peers: [a.id] })
  })
})

test('closing ends every socket and frees the port', async () => {
  const server = await createSignalingServer()
  const member = await join(server.url)
  const idle = client(server.url)
  await once(idle.socket, 'open')
  await server.close()
  expect([await member.closed, await idle.closed]).toEqual([1001, 1001])
  await (await createSignalingServer({ port: Number(server.url.split(':').at(-1)) })).close()
})

test('a port in use is refused with its number', async () => {
  const port = Number((await service()).url.split(':').at(-1))
  const refusal = { code: 'address-in-use', message: expect.stringContaining(String(port)) }
  await expect(createSignalingServer({ port })).rejects.toMatchObject(refusal)
})
