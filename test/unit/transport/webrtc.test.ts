import { createRequire } from 'node:module'
import wrtc from '@roamhq/wrtc'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  webRtcTransport,
  webSocketSignaling,
  type WebRtcTransportOptions,
} from '../../../src/adapters/transport/webrtc'
import { createSignalingServer, type SignalingServer } from '../../../src/surfaces/signaling/index'
import { type Connection, MAX_MESSAGE_BYTES, type SignalingRoom } from '../../../src/wire/index'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const candidateFilter = (candidate: string) => candidate.includes(' 127.0.0.1 ')

async function service(port = 0): Promise<SignalingServer> {
  const server = await createSignalingServer({ port })
  cleanups.push(() => server.close())
  return server
}

/** An agent in the room, and every connection it was handed. */
async function agent(signaling: string, options: Partial<WebRtcTransportOptions> = {}) {
  const connections: Connection[] = []
  const transport = webRtcTransport({ signaling, room: 'lab', candidateFilter, retryMs: 20, ...options })
  const listener = await transport.listen!(connection => connections.push(connection))
  cleanups.push(async () => {
    await Promise.all(connections.map(connection => connection.close()))
    await listener.close()
  })
  return { transport, listener, connections, name: listener.addresses[0]! }
}

/** A member of the room that speaks the signaling protocol and nothing else. */
async function member(signaling: string) {
  const heard: { from: string; data: unknown }[] = []
  const room = await webSocketSignaling(signaling).join('lab', {
    onSignal: (from, data) => heard.push({ from, data }),
  })
  cleanups.push(() => room.leave())
  return { room, heard }
}

/** `@roamhq/wrtc`, with every peer connection it makes and the configuration each was given. */
function watched() {
  const made: RTCPeerConnection[] = []
  const configs: unknown[] = []
  class RTCPeerConnection extends wrtc.RTCPeerConnection {
    constructor(config: RTCConfiguration) {
      super(config)
      made.push(this)
      configs.push(config)
    }
  }
  return { wrtc: { ...wrtc, RTCPeerConnection }, made, configs }
}

const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), { timeout: 20_000, interval: 5 })

async function carries(from: Connection, to: Connection): Promise<void> {
  const arrived = new Promise<Uint8Array>(resolve => to.onMessage(resolve))
  await from.send(Uint8Array.of(42))
  expect(await arrived).toEqual(Uint8Array.of(42))
}

describe('meeting', () => {
  test('everyone in a room meets everyone once; the newcomer dials', async () => {
    const { url } = await service()
    const agents = [await agent(url), await agent(url), await agent(url), await agent(url)]
    await until(() => agents.every(({ connections }) => connections.length === 3))
    const roles = agents.map(({ connections }) => connections.filter(connection => connection.initiator).length)
    expect(roles).toEqual([0, 1, 2, 3])
    const names = agents.map(({ name }) => name)
    agents.forEach(({ connections, name }) =>
      expect(connections.map(({ remote }) => remote).sort()).toEqual(names.filter(other => other !== name).sort()),
    )
  })

  test('agents that name different rooms do not meet', async () => {
    const { url } = await service()
    const here = await agent(url)
    const elsewhere = await agent(url, { room: 'elsewhere' })
    await expect(elsewhere.transport.dial(here.name)).rejects.toMatchObject({ code: 'unreachable' })
    expect(here.connections.length + elsewhere.connections.length).toBe(0)
  })

  test('no servers are asked for addresses unless named', async () => {
    const { url } = await service()
    const { wrtc, configs } = watched()
    const first = await agent(url, { wrtc })
    await agent(url, { wrtc, iceServers: [{ urls: 'stun:127.0.0.1:1' }], iceTransportPolicy: 'relay' })
    await until(() => configs.length === 2)
    expect(configs).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ iceServers: [] }),
        expect.objectContaining({ iceServers: [{ urls: 'stun:127.0.0.1:1' }], iceTransportPolicy: 'relay' }),
      ]),
    )
    expect(first.connections).toEqual([])
  })

  test('refused candidates are neither told nor used', async () => {
    const { url } = await service()
    const { room, heard } = await member(url)
    await agent(url, { candidateFilter: () => false })
    await until(() => heard.length > 0)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(heard.map(({ data }) => (data as { signal: { type: string } }).signal.type)).toEqual(['offer'])
    expect(JSON.stringify(heard)).not.toContain('candidate:')
    await room.leave()
  })

  test('listening twice at once is refused', async () => {
    const { url } = await service()
    const { transport, listener } = await agent(url)
    await expect(transport.listen!(() => {})).rejects.toMatchObject({ code: 'address-in-use' })
    await listener.close()
    await (await transport.listen!(() => {})).close()
  })
})

describe('losing the service', () => {
  test('connections live on, the room is entered again, and newcomers are met', async () => {
    const server = await service()
    const first = await agent(server.url)
    const second = await agent(server.url)
    await until(() => first.connections.length === 1 && second.connections.length === 1)
    await server.close()
    await until(() => first.listener.addresses.length === 0)
    await carries(first.connections[0]!, second.connections[0]!)
    await service(Number(server.url.split(':').at(-1)))
    await until(() => first.listener.addresses.length === 1 && second.listener.addresses.length === 1)
    await carries(second.connections[0]!, first.connections[0]!)
    const third = await agent(server.url)
    await until(() => third.connections.length === 2)
  })

  test('a listener that closes meanwhile stops trying', async () => {
    const server = await service()
    const { listener } = await agent(server.url)
    await server.close()
    await until(() => listener.addresses.length === 0)
    await listener.close()
    const again = await service(Number(server.url.split(':').at(-1)))
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(again.stats().connections).toBe(0)
  })

  test('a service that is not there refuses `listen` and `dial`', async () => {
    const transport = webRtcTransport({ signaling: 'ws://127.0.0.1:1', room: 'lab' })
    await expect(transport.listen!(() => {})).rejects.toMatchObject({ code: 'signaling' })
    await expect(transport.dial('webrtc:x')).rejects.toMatchObject({ code: 'signaling' })
  })
})

describe('broken links', () => {
  test('a link that breaks is reported as `peer-gone` and dialled again by the side that dialled it', async () => {
    const { url } = await service()
    const { wrtc, made } = watched()
    const first = await agent(url)
    const second = await agent(url, { wrtc })
    await until(() => first.connections.length === 1 && second.connections.length === 1)
    made[0]!.close()
    expect(await first.connections[0]!.closed).toMatchObject({ code: 'peer-gone' })
    expect(await second.connections[0]!.closed).toMatchObject({ code: 'peer-gone' })
    await until(() => first.connections.length === 2 && second.connections.length === 2)
    await carries(second.connections[1]!, first.connections[1]!)
    expect(second.connections[1]!.initiator).toBe(true)
  })

  test('a link that was closed is not', async () => {
    const { url } = await service()
    const first = await agent(url)
    const second = await agent(url)
    await until(() => first.connections.length === 1 && second.connections.length === 1)
    await first.connections[0]!.close()
    await second.connections[0]!.closed
    await new Promise(resolve => setTimeout(resolve, 150))
    expect([first.connections.length, second.connections.length]).toEqual([1, 1])
  })

  test('a message over the limit, or a text, ends the connection for that reason, confirmed or not', async () => {
    const { url } = await service()
    const { Peer } = await import('#simple-peer')
    for (const [words, code] of [
      [new Uint8Array(MAX_MESSAGE_BYTES + 1), 'limit'],
      ['hello', 'protocol'],
    ] as const) {
      const first = await agent(url)
      const { room, heard } = await member(url)
      const peer = new Peer({ initiator: true, objectMode: true, config: { iceServers: [] }, wrtc })
      const closed = new Promise<void>(resolve => peer.on('close', () => resolve()))
      const texts: unknown[] = []
      peer.on('error', () => {})
      peer.on('data', text => {
        texts.push(text)
        if (text === 'end limit') peer.destroy()
      })
      const to = first.name.replace('webrtc:', '')
      peer.on('signal', signal => room.send(to, { link: 'raw', signal }))
      peer.on('connect', () => peer.send(words))
      await until(() => {
        for (const { data } of heard.splice(0)) peer.signal((data as { signal: never }).signal)
        return first.connections.length === 1
      })
      expect(await first.connections[0]!.closed).toMatchObject({ code })
      expect(texts).toEqual([`end ${code}`])
      clearTimeout(peer._iceCompleteTimer ?? undefined)
      await closed
      await first.listener.close()
      await room.leave()
    }
  })
})

describe('dialling', () => {
  test('a member that never answers is given up as `timeout`', async () => {
    const { url } = await service()
    const { room } = await member(url)
    const transport = webRtcTransport({ signaling: url, room: 'lab', timeoutMs: 80, candidateFilter })
    await expect(transport.dial(`webrtc:${room.self}`)).rejects.toMatchObject({ code: 'timeout' })
  })

  test('a member that leaves before it answers is `unreachable` at once', async () => {
    const { url } = await service()
    const { room, heard } = await member(url)
    const dial = webRtcTransport({ signaling: url, room: 'lab', candidateFilter }).dial(`webrtc:${room.self}`)
    void until(() => heard.length > 0).then(() => room.leave())
    await expect(dial).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('left the room') })
  })

  test('a member that only dials takes no connections', async () => {
    const server = await service()
    const { room } = await member(server.url)
    const { wrtc, made } = watched()
    const dialler = webRtcTransport({ signaling: server.url, room: 'lab', wrtc, timeoutMs: 2_000, candidateFilter })
    const waiting = dialler.dial(`webrtc:${room.self}`).catch(() => {})
    await until(() => made.length === 1)
    const newcomer = await member(server.url)
    for (const peer of newcomer.room.peers) newcomer.room.send(peer, { link: 'x', signal: { type: 'offer', sdp: '' } })
    await until(() => newcomer.heard.some(({ data }) => (data as { refused?: boolean }).refused === true))
    expect(made.length).toBe(1)
    await room.leave()
    await waiting
  })

  test('attempts beyond the cap are refused as `limit`', async () => {
    const { url } = await service()
    const { room } = await member(url)
    const { transport } = await agent(url, { maxHalfOpen: 1, timeoutMs: 200 })
    await expect(transport.dial(`webrtc:${room.self}`)).rejects.toMatchObject({ code: 'limit', limit: 1 })
    const crowded = await agent(url, { maxConnections: 0 })
    await expect(crowded.transport.dial(`webrtc:${room.self}`)).rejects.toMatchObject({ code: 'limit', limit: 0 })
  })

  test('without the optional package it says what to install', async () => {
    vi.resetModules()
    vi.doMock('@roamhq/wrtc', () => {
      throw new Error('cannot be found')
    })
    const { webRtcTransport } = await import('../../../src/adapters/transport/webrtc')
    const transport = webRtcTransport({ signaling: 'ws://127.0.0.1:1', room: 'lab' })
    const refusal = { code: 'missing-peer', package: '@roamhq/wrtc', install: 'npm install @roamhq/wrtc' }
    await expect(transport.dial('webrtc:x')).rejects.toMatchObject(refusal)
    await expect(transport.listen!(() => {})).rejects.toMatchObject(refusal)
    vi.doUnmock('@roamhq/wrtc')
  })
})

describe('hostile members', () => {
  /** A real offer, so that only what a test changes about it is wrong. */
  async function offerTo(room: SignalingRoom, to: string, link: string): Promise<void> {
    const pc = new wrtc.RTCPeerConnection({ iceServers: [] })
    pc.createDataChannel('x')
    const { type, sdp } = await pc.createOffer()
    pc.close()
    room.send(to, { link, signal: { type, sdp } })
  }

  test('an offer that nothing follows is given up, and one member holds no more than two', async () => {
    const { url } = await service()
    const { wrtc, made } = watched()
    const { name, connections } = await agent(url, { wrtc, timeoutMs: 150 })
    const { room, heard } = await member(url)
    const to = name.replace('webrtc:', '')
    for (let i = 0; i < 6; i++) await offerTo(room, to, `link${i}`)
    const refused = () => heard.filter(({ data }) => (data as { refused?: boolean }).refused).length
    await until(() => refused() === 4)
    expect(made.length).toBe(2)
    await until(() => made.every(({ connectionState }) => connectionState === 'closed'))
    expect(connections).toEqual([])
    const honest = await agent(url, { retryMs: 20 })
    await until(() => honest.connections.length === 1)
  })

  test('all members together hold no more than the cap', async () => {
    const { url } = await service()
    const { wrtc, made } = watched()
    const { name } = await agent(url, { wrtc, maxHalfOpen: 3, timeoutMs: 500 })
    const rooms = [await member(url), await member(url), await member(url)]
    for (const { room } of rooms) for (const link of ['a', 'b']) await offerTo(room, name.replace('webrtc:', ''), link)
    await until(() => rooms.reduce((sum, { heard }) => sum + heard.filter(isRefusal).length, 0) === 3)
    expect(made.length).toBe(3)
  })

  const isRefusal = ({ data }: { data: unknown }) => (data as { refused?: boolean }).refused === true

  test('a flood of candidates and a second description change nothing', async () => {
    const { url } = await service()
    const first = await agent(url, { timeoutMs: 300 })
    const { room, heard } = await member(url)
    const to = first.name.replace('webrtc:', '')
    await offerTo(room, to, 'x')
    await offerTo(room, to, 'x')
    const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMLineIndex: 0, sdpMid: '0' }
    for (let i = 0; i < 200; i++) room.send(to, { link: 'x', signal: { type: 'candidate', candidate } })
    await until(() => heard.some(({ data }) => JSON.stringify(data).includes('"answer"')))
    expect(heard.filter(({ data }) => JSON.stringify(data).includes('"answer"')).length).toBe(1)
    const honest = await agent(url, { retryMs: 20 })
    await until(() => honest.connections.length === 1)
  })

  test('words without sense, and sessions without sense, are survived', async () => {
    const { url } = await service()
    const first = await agent(url, { timeoutMs: 300 })
    const { room } = await member(url)
    const to = first.name.replace('webrtc:', '')
    const good = { link: 'y', signal: { type: 'offer', sdp: 'v=0\r\n' } }
    const nonsense = [
      null,
      7,
      'x',
      [],
      {},
      { link: 5 },
      { ...good, link: '../..' },
      good,
      { ...good, link: 'z', refused: true },
    ]
    const sessions = [
      '',
      'v=0',
      'v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=application 9 x y\r\n',
      'm='.repeat(4_000),
    ]
    for (const data of nonsense) room.send(to, data)
    for (const [i, sdp] of sessions.entries()) room.send(to, { link: `s${i}`, signal: { type: 'offer', sdp } })
    room.send(to, { link: 's1', signal: { type: 'candidate', candidate: { candidate: 'nonsense' } } })
    const honest = await agent(url, { retryMs: 20 })
    await until(() => honest.connections.length === 1 && first.connections.length === 1)
  })
})

test('the version of simple-peer whose faults are worked around is the one installed', () => {
  const manifest = createRequire(import.meta.url)('simple-peer/package.json') as { version: string }
  expect(manifest.version).toBe('9.11.1')
})
