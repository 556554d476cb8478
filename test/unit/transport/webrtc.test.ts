import { createRequire } from 'node:module'
import wrtc from '@roamhq/wrtc'
import { describe, expect, test, vi } from 'vitest'
import { Peer } from '#simple-peer'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import { MAX_MESSAGE_BYTES } from '../../../src/wire/index'
import { closedWhileStarting, hung } from './hung-service'
import { agent, candidateFilter, carries, member, service, tellingLate, until, watched } from './webrtc-room'

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

  test('addresses that are told after their end are used', async () => {
    const { url } = await service()
    const { connections } = await agent(url, { wrtc: tellingLate() })
    const other = await agent(url, { timeoutMs: 2_000, retryMs: 60_000 })
    await until(() => connections.length > 0 && other.connections.length > 0)
    await new Promise(resolve => setTimeout(resolve, 50))
    await carries(connections[0]!, other.connections[0]!)
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

test('the version of simple-peer whose faults are worked around is the one installed', () => {
  const manifest = createRequire(import.meta.url)('simple-peer/package.json') as { version: string }
  expect(manifest.version).toBe('9.11.1')
})

test('close waits for no signaling service that never answers', async () => {
  const { address, met } = await hung(() => {})
  const transport = webRtcTransport({ signaling: `ws://${address}`, room: 'lab' })
  expect(await closedWhileStarting({ transports: [transport] }, met)).toBeLessThan(1_000)
  await expect(transport.dial('webrtc:x', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
})

test('a dial that is aborted waits for no room that is being entered', async () => {
  const { address, met } = await hung(() => {})
  const transport = webRtcTransport({ signaling: `ws://${address}`, room: 'lab' })
  const [stop, dial] = [new AbortController(), new AbortController()]
  const listening = expect(transport.listen!(() => {}, { signal: stop.signal })).rejects.toMatchObject({
    code: 'aborted',
  })
  await met
  const dialling = expect(transport.dial('webrtc:x', { signal: dial.signal })).rejects.toMatchObject({
    code: 'aborted',
  })
  dial.abort()
  await dialling
  stop.abort()
  await listening
})
