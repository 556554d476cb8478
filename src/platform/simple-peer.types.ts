/** An offer, an answer or a candidate, as simple-peer emits and takes them. */
export type PeerSignal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: IceCandidate }

export interface IceCandidate {
  readonly candidate: string
  readonly sdpMLineIndex: number | null
  readonly sdpMid: string | null
}

/** A simple-peer 9.11.1 instance as far as this library uses it, with the private members that its faults make us touch. */
export interface PeerInstance {
  readonly destroyed: boolean
  /** Bytes that the data channel has not sent yet. */
  readonly bufferSize: number
  signal(data: PeerSignal): void
  send(data: string | Uint8Array): void
  destroy(): void
  on(event: 'signal', listener: (data: unknown) => void): this
  on(event: 'connect' | 'close', listener: () => void): this
  on(event: 'data', listener: (data: Uint8Array | string) => void): this
  /** ICE's state of connection. */
  on(event: 'iceStateChange', listener: (connection: string) => void): this
  /** After the last candidate of our own, or when gathering takes longer than 5 s. */
  on(event: '_iceComplete', listener: () => void): this
  on(event: 'error', listener: (error: Error & { code?: string }) => void): this
  /** Left running for 5 s after a close, which keeps a Node process alive. */
  readonly _iceCompleteTimer: ReturnType<typeof setTimeout> | null
  /** Its events tell a state that may be the one before, so whoever relies on the state has to ask. `null` once destroyed. */
  readonly _pc: PeerConnection | null
}

interface PeerConnection {
  readonly iceConnectionState: string
  readonly iceGatheringState: string
  /** Absent in implementations that tell nothing of their servers. */
  addEventListener?(event: 'icecandidateerror', listener: (event: IceServerError) => void): void
}

/** RTCPeerConnectionIceErrorEvent, each member of which some implementation leaves out. */
export interface IceServerError {
  readonly url?: string
  readonly errorCode?: number
  readonly errorText?: string
}

export interface PeerOptions {
  readonly initiator: boolean
  readonly objectMode: true
  readonly config: { readonly iceServers: readonly unknown[]; readonly iceTransportPolicy?: 'all' | 'relay' }
  readonly wrtc?: unknown
}

export type PeerConstructor = new (options: PeerOptions) => PeerInstance

/** What each `simple-peer.*.ts` exports; `#simple-peer` resolves to the right one through package `imports` conditions. */
export interface SimplePeerPlatform {
  readonly Peer: PeerConstructor
  /** The WebRTC implementation to hand to `Peer`; `undefined` for the runtime's own. Rejects with `missing-peer` or `no-transport`. */
  loadWrtc(): Promise<unknown>
}
