import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  webRtcTransport,
  webSocketSignaling,
  type WebRtcTransportOptions,
} from '../../../src/adapters/transport/webrtc'
import type { Failure } from '../../../src/base/index'
import { Signer, SyncClient } from '../../../src/index'
import type { Signaling } from '../../../src/wire/index'
import { TURN_PATH } from '../../tools/servers.mjs'
import { startTurnServer } from '../../tools/turn-server'
import { agent, candidateFilter, cleanup, member, service, until } from './webrtc-room'

const NONE = { host: 0, srflx: 0, prflx: 0, relay: 0 }

/** Why dialling a member fails. */
async function failureOf(address: string, options: WebRtcTransportOptions): Promise<Failure> {
  try {
    const connection = await webRtcTransport({ candidateFilter, timeoutMs: 2_000, ...options }).dial(address)
    await connection.close()
  } catch (error) {
    return error as Failure
  }
  throw new Error('connected')
}

/** Somebody on the way who alters all that one side says. */
function altering(url: string, alter: (text: string) => string): Signaling {
  return {
    async join(room, handlers, options) {
      const inner = await webSocketSignaling(url).join(room, handlers, options)
      return { ...inner, send: (to, data) => inner.send(to, JSON.parse(alter(JSON.stringify(data)))) }
    },
  }
}

describe('a failure to connect over WebRTC says at which step', () => {
  test('signaling: no service answers', async () => {
    const failure = await failureOf('webrtc:x', { signaling: 'ws://127.0.0.1:1', room: 'lab' })
    expect(failure).toMatchObject({ code: 'signaling', report: { step: 'signaling', local: NONE, remote: NONE } })
    expect(failure.message).toContain('no signaling service answers')
  })

  test('signaling: the service refuses', async () => {
    const { url } = await service()
    const failure = await failureOf('webrtc:x', { signaling: url, room: 'no room has\nsuch a name' })
    expect(failure).toMatchObject({ code: 'bad-value', report: { step: 'signaling' } })
  })

  test('answer: the member is there and says nothing', async () => {
    const { url } = await service()
    const { room } = await member(url)
    const failure = await failureOf(`webrtc:${room.self}`, { signaling: url, room: 'lab', timeoutMs: 500 })
    expect(failure).toMatchObject({ code: 'timeout', limit: 500, report: { step: 'answer', remote: NONE } })
    expect(failure.report!.local.host).toBeGreaterThan(0)
    expect(failure.message).toMatch(/did not answer \(our addresses: \d+ host; theirs: none\)/)
  })

  test('answer: the member leaves', async () => {
    const { url } = await service()
    const { room, heard } = await member(url)
    void until(() => heard.length > 0).then(() => room.leave())
    const failure = await failureOf(`webrtc:${room.self}`, { signaling: url, room: 'lab', timeoutMs: 10_000 })
    expect(failure).toMatchObject({ code: 'unreachable', report: { step: 'answer' } })
  })

  test('refused: the member takes no connections', async () => {
    const { url } = await service()
    const { name } = await agent(url, { maxConnections: 0 })
    const failure = await failureOf(name, { signaling: url, room: 'lab' })
    expect(failure).toMatchObject({ code: 'unreachable', report: { step: 'refused' } })
  })

  test('ice: no pair of addresses works', async () => {
    const { url } = await service()
    const nowhere = altering(url, text => text.replaceAll(/127\.0\.0\.1 \d+/g, '127.0.0.1 9'))
    const { name } = await agent(url, { signaling: nowhere })
    const failure = await failureOf(name, { signaling: nowhere, room: 'lab' })
    expect(failure).toMatchObject({
      code: 'timeout',
      report: { step: 'ice' },
      hint: 'name a TURN server in iceServers',
    })
    const { local, remote } = failure.report!
    expect([local.host > 0, remote.host > 0, remote.relay]).toEqual([true, true, 0])
  })

  test('dtls: addresses work, and the certificate is another one', async () => {
    const { url } = await service()
    const forging = altering(url, text =>
      text.replaceAll(/fingerprint:sha-256 [0-9A-F]{2}:[0-9A-F]{2}/g, 'fingerprint:sha-256 00:00'),
    )
    const { name } = await agent(url, { signaling: forging })
    const failure = await failureOf(name, { signaling: url, room: 'lab', timeoutMs: 8_000 })
    expect(failure).toMatchObject({ report: { step: 'dtls' } })
    expect(failure.message).toContain('the encrypted channel did not open')
  })
})

const hasRelay = existsSync(TURN_PATH)
if (!hasRelay) console.warn(`\n*** SKIPPED: a TURN relay that refuses: no ${TURN_PATH} ***\n`)

test.skipIf(!hasRelay)('relay: the TURN server refuses the password, which fails at once', async () => {
  const { url } = await service()
  const relay = await startTurnServer()
  cleanup(() => relay.stop())
  const { room } = await member(url)
  const iceServers = [{ ...relay.iceServer, credential: 'wrong' }]
  const terms = { signaling: url, room: 'lab', iceServers, iceTransportPolicy: 'relay', timeoutMs: 20_000 } as const
  const failure = await failureOf(`webrtc:${room.self}`, terms)
  expect(failure).toMatchObject({ code: 'unreachable', report: { step: 'relay', local: NONE } })
  expect(failure.hint).toContain('credentials')
  expect(relay.allocations()).toBe(0)
})

test('a client in a room hears why its attempts fail', async () => {
  const { url } = await service()
  await agent(url, { maxConnections: 0 })
  const transport = webRtcTransport({ signaling: url, room: 'lab', candidateFilter })
  const client = new SyncClient({ signer: await Signer.generate(), transports: [transport] })
  cleanup(() => client.close())
  const heard = new Promise<{ remote: string; failure: Failure }>(resolve => client.on('unreachable', resolve))
  await client.start()
  const { remote, failure } = await heard
  expect(remote).toMatch(/^webrtc:/)
  expect(failure).toMatchObject({ code: 'unreachable', report: { step: 'refused' } })
})

test('an agent whose signaling service is gone hears of each attempt to find it again', async () => {
  const server = await service()
  const failures: [string, Failure][] = []
  const transport = webRtcTransport({ signaling: server.url, room: 'lab', candidateFilter, retryMs: 20 })
  const listener = await transport.listen!(() => {}, { onFailure: (...told) => failures.push(told) })
  cleanup(() => listener.close())
  await server.close()
  await until(() => failures.length > 1)
  expect(failures[0]).toMatchObject(['the signaling service', { code: 'signaling', report: { step: 'signaling' } }])
})

test('a client hears at once that its signaling service is lost, not when it is looked for', async () => {
  const server = await service()
  const transport = webRtcTransport({ signaling: server.url, room: 'lab', candidateFilter, retryMs: 30_000 })
  const client = new SyncClient({ signer: await Signer.generate(), transports: [transport] })
  cleanup(() => client.close())
  await client.start()
  const told = new Promise(resolve => client.on('sync', resolve))
  await server.close()
  expect(await told).toEqual({ state: 'stalled', reason: 'unreachable' })
})
