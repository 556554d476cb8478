import wrtc from '@roamhq/wrtc'
import { afterEach, expect, vi } from 'vitest'
import {
  webRtcTransport,
  webSocketSignaling,
  type WebRtcTransportOptions,
} from '../../../src/adapters/transport/webrtc'
import { createSignalingServer, type SignalingServer } from '../../../src/surfaces/signaling/index'
import type { Connection } from '../../../src/wire/index'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs when the test is over, the last one first. */
export const cleanup = (run: () => unknown): unknown => cleanups.push(run)

export const candidateFilter = (candidate: string) => candidate.includes(' 127.0.0.1 ')

export async function service(port = 0): Promise<SignalingServer> {
  const server = await createSignalingServer({ port })
  cleanups.push(() => server.close())
  return server
}

/** An agent in the room, and every connection it was handed. */
export async function agent(signaling: string, options: Partial<WebRtcTransportOptions> = {}) {
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
export async function member(signaling: string) {
  const heard: { from: string; data: unknown }[] = []
  const room = await webSocketSignaling(signaling).join('lab', {
    onSignal: (from, data) => heard.push({ from, data }),
  })
  cleanups.push(() => room.leave())
  return { room, heard }
}

/** `@roamhq/wrtc`, with every peer connection it makes, the configuration each was given, and what they were told. */
export function watched() {
  const made: RTCPeerConnection[] = []
  const configs: unknown[] = []
  const told = { descriptions: 0, candidates: 0 }
  class RTCPeerConnection extends wrtc.RTCPeerConnection {
    constructor(config: RTCConfiguration) {
      super(config)
      made.push(this)
      configs.push(config)
    }
    override setRemoteDescription(description: RTCSessionDescriptionInit) {
      told.descriptions++
      return super.setRemoteDescription(description)
    }
    override addIceCandidate(candidate: RTCIceCandidateInit) {
      told.candidates++
      return super.addIceCandidate(candidate)
    }
  }
  return { wrtc: { ...wrtc, RTCPeerConnection }, made, configs, told }
}

/** `@roamhq/wrtc` whose answering side always tells its addresses after their end, and in no description, as it does now and then. */
export function tellingLate() {
  class RTCPeerConnection extends wrtc.RTCPeerConnection {
    readonly #held: Event[] = []
    constructor(config: RTCConfiguration) {
      super(config)
      return new Proxy(this, { get: (own, name) => withoutAddresses(own, name as keyof RTCPeerConnection) })
    }
    override dispatchEvent(event: Event): boolean {
      if (event.type !== 'icecandidate') return super.dispatchEvent(event)
      if ((event as RTCPeerConnectionIceEvent).candidate) return this.#held.push(event) > 0
      const told = super.dispatchEvent(event)
      setTimeout(() => this.#held.splice(0).forEach(late => super.dispatchEvent(late)), 20)
      return told
    }
  }
  return { ...wrtc, RTCPeerConnection }
}

function withoutAddresses(connection: RTCPeerConnection, name: keyof RTCPeerConnection): unknown {
  const value = connection[name]
  if (typeof value === 'function') return (value as () => unknown).bind(connection)
  if (name !== 'localDescription') return value
  const { type, sdp } = connection.localDescription!
  return { type, sdp: sdp.replaceAll(/a=candidate:.*\r\n/g, '') }
}

export const until = (check: () => boolean | Promise<boolean>) =>
  vi.waitFor(async () => expect(await check()).toBe(true), { timeout: 20_000, interval: 5 })

export async function carries(from: Connection, to: Connection): Promise<void> {
  const arrived = new Promise<Uint8Array>(resolve => to.onMessage(resolve))
  await from.send(Uint8Array.of(42))
  expect(await arrived).toEqual(Uint8Array.of(42))
}
