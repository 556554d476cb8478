import type { Failure } from '../base/index'

/** Largest message that a `Connection` carries, in bytes. */
export const MAX_MESSAGE_BYTES = 65_535

/**
 * An ordered, reliable, message-preserving byte channel between two agents. It proves nothing about the other side:
 * the secure channel above it does.
 */
export interface Connection {
  /** What the other end is called on this transport, for people and logs. */
  readonly remote: string
  /** True on the side that dialled. */
  readonly initiator: boolean
  /** Resolves when the transport can take more (back-pressure); rejects with `peer-gone` once closed, `limit` over `MAX_MESSAGE_BYTES`. */
  send(message: Uint8Array): Promise<void>
  /** At most one handler; messages that arrive before it is set are kept, up to a bound. */
  onMessage(handler: (message: Uint8Array) => void): void
  /** Stops and restarts reading, where the transport can: back-pressure against a fast sender. */
  pause?(): void
  resume?(): void
  /** Ends the connection; never rejects, idempotent. */
  close(): Promise<void>
  /** Resolves once, when the connection has ended on either side: `undefined` for an orderly end, else why. */
  readonly closed: Promise<Failure | undefined>
}

/** A running acceptor of connections. */
export interface Listener {
  /** Where others can dial this agent, when known. */
  readonly addresses: readonly string[]
  /** What the transport tries to reach by itself and has not reached, and services that it has lost. */
  attempts?(): readonly OwnAttempt[]
  close(): Promise<void>
}

/** Attempts of a transport's own that have brought no connection yet. */
export interface OwnAttempt {
  /** Whom they are for, such as `webrtc:<member>`, or what service. */
  readonly address: string
  readonly failures: number
  readonly lastError?: Failure
  /** Of `lastError`, in milliseconds. */
  readonly lastErrorAge?: number
  /** Until the next one, in milliseconds; absent while one is under way. */
  readonly wait?: number
}

export interface ListenOptions {
  /** Once it fires, nobody waits for the listener any more: `listen` rejects, or what it answers is closed at once. */
  readonly signal?: AbortSignal
  /** Hears of every attempt of the transport's own to connect, or to be found, that failed. It goes on trying by itself. */
  onFailure?(remote: string, failure: Failure): void
  /** What the listener's `attempts` tell has changed in another way, such as with a connection that ended and is dialled again. */
  onChange?(): void
}

/**
 * Takes a connection that came about. It may answer a promise of a boolean, which settles when the use of the connection is over:
 * true where another one with the same side is worth an attempt, for transports that make them by themselves.
 */
export type ConnectionTaker = (connection: Connection) => unknown

/** How agents reach each other. Adapters implement it. */
export interface Transport {
  /** Address schemes that `dial` takes, such as `['ws', 'wss']`. */
  readonly schemes: readonly string[]
  /**
   * Opens one connection. Rejects with `CosmicError` `bad-address`, `unreachable`, `timeout`, `aborted`, `limit` or
   * `missing-peer`; where agents meet through a service, also with `signaling`.
   */
  dial(address: string, options?: { signal?: AbortSignal }): Promise<Connection>
  /** Accepts connections until closed. A transport that meets others in a room (WebRTC) also dials the members it finds there. */
  listen?(onConnection: ConnectionTaker, options?: ListenOptions): Promise<Listener>
}
