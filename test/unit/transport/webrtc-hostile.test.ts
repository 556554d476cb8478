import wrtc from '@roamhq/wrtc'
import { describe, expect, test } from 'vitest'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import { MAX_MEMBERS } from '../../../src/adapters/transport/webrtc/meeting'
import { MAX_CANDIDATES } from '../../../src/adapters/transport/webrtc/peer-link'
import type { Signaling, SignalingHandlers, SignalingRoom } from '../../../src/wire/index'
import { agent, candidateFilter, member, service, until, watched } from './webrtc-room'

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

  test('of a flood of candidates and descriptions, one description and 64 candidates are taken', async () => {
    const { url } = await service()
    const { wrtc, told } = watched()
    const { name } = await agent(url, { wrtc, timeoutMs: 300 })
    const { room } = await member(url)
    const to = name.replace('webrtc:', '')
    const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMLineIndex: 0, sdpMid: '0' }
    await offerTo(room, to, 'x')
    for (let i = 0; i < 200; i++) room.send(to, { link: 'x', signal: { type: 'candidate', candidate } })
    await offerTo(room, to, 'x')
    await offerTo(room, to, 'last')
    await until(() => told.descriptions === 2 && told.candidates > 0)
    expect(told).toEqual({ descriptions: 2, candidates: MAX_CANDIDATES })
  })

  test('data from someone the service has not named is ignored', async () => {
    const { wrtc, made } = watched()
    let handlers: SignalingHandlers | undefined
    const sent: unknown[] = []
    const signaling: Signaling = {
      join: async (_room, given) => {
        handlers = given
        return { self: 'me', peers: [], send: (_to, data) => sent.push(data), leave: async () => {} }
      },
    }
    const transport = webRtcTransport({ signaling, room: 'lab', wrtc, timeoutMs: 50 })
    const listener = await transport.listen!(() => {})
    const offer = { link: 'x', signal: { type: 'offer', sdp: '' } }
    handlers!.onSignal('stranger', offer)
    expect([made.length, sent]).toEqual([0, []])
    handlers!.onJoin!('stranger')
    handlers!.onSignal('stranger', offer)
    expect(made.length).toBe(1)
    await listener.close()
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

describe('a signaling service', () => {
  test('makes nobody remember members without end', async () => {
    const names = (word: string) => Array.from({ length: MAX_MEMBERS }, (_, i) => `${word}${i}`)
    for (const [peers, joined] of [
      [[], names('in')],
      [names('there'), ['late']],
    ] as const) {
      let handlers: SignalingHandlers | undefined
      const said: string[] = []
      const signaling: Signaling = {
        join(_room, given) {
          handlers = given
          return Promise.resolve({ self: 'me', peers, send: to => void said.push(to), leave: () => Promise.resolve() })
        },
      }
      const listening = { signaling, room: 'lab', candidateFilter, maxHalfOpen: 0 }
      const listener = await webRtcTransport(listening).listen!(() => {})
      for (const peer of joined) handlers!.onJoin!(peer)
      handlers!.onJoin!('one too many')
      const offer = { link: 'x', signal: { type: 'offer', sdp: '' } }
      handlers!.onSignal('one too many', offer)
      handlers!.onSignal([...peers, ...joined][MAX_MEMBERS - 1]!, offer)
      expect(said).toEqual([[...peers, ...joined][MAX_MEMBERS - 1]])
      await listener.close()
    }
  })
})
