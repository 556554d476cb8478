import type { Clock, Random, Timers } from '../base/index'

/**
 * Ed25519 as the runtime ships it. Its accepts are a subset of ZIP-215's; its rejects are rechecked (signer/verify.ts).
 * Keys are cached inside, under a bound.
 */
export interface NativeEd25519 {
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array | Promise<Uint8Array>
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
  /** The same beside the calling thread, where `verify` itself would hold it up. */
  verifyInPool?(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** A public key, a message and its signature, of 32, any and 64 bytes. `before` stands before the message, where that comes in two pieces. */
export type Claim = readonly [publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, before?: Uint8Array]

/** Proves Ed25519 signatures beside the calling thread, many at once in a fraction of the time that they take one by one. */
export interface Prover {
  /**
   * Whether it is proven, as ZIP-215 has it; false says nothing, and the signature is to be checked by itself. The three may not
   * change until then. Never rejects.
   */
  prove(...claim: Claim): Promise<boolean>
  /** `prove` of many, which go to a thread at once: 1 for each that is proven, in their order. Never rejects. */
  proveAll(claims: readonly Claim[]): Promise<Uint8Array>
}

/**
 * Which of these claims are proven, in the calling thread, by one equation for all: each that ZIP-215 accepts, as a rule. False says
 * nothing, as with `Prover`.
 */
export type ProveHere = (claims: readonly Claim[]) => readonly boolean[]

/**
 * ChaCha20-Poly1305 (RFC 8439 section 2.8) under a key of 32 bytes and a nonce of 12, with the tag of 16 bytes at the end of a
 * message. `open` throws for what was not sealed so.
 */
export interface ChaChaPoly {
  seal(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array
  open(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, message: Uint8Array): Uint8Array
}

/** X25519 (RFC 7748 section 5) of keys of 32 bytes. `sharedSecret` throws for points of small order. */
export interface X25519 {
  publicKey(secretKey: Uint8Array): Uint8Array
  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array
}

/** What each file of this room exports; `#platform` resolves to the right one through package `imports` conditions. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  /** `undefined` where the runtime has none. Never touched at import. */
  readonly nativeEd25519: NativeEd25519 | undefined
  /** `undefined` where the runtime has no threads for it. Nothing is started before many signatures come at once. */
  readonly prover: Prover | undefined
  /** Loads what proves in the calling thread; `undefined` where bytes may not be compiled. */
  openProveHere(): Promise<ProveHere | undefined>
  /** Of the runtime; `undefined` where it has none. Nothing is tried at import. */
  nativeChaChaPoly(): ChaChaPoly | undefined
  nativeX25519(): X25519 | undefined
  /** Calls back in a later turn of the event loop, as soon as it can: every microtask has run by then. */
  nextTurn(callback: () => void): void
  /** What long work awaits between its steps: of every 25 ms the event loop has a turn. */
  timeSlices(): () => Promise<void> | undefined
  sha256(bytes: Uint8Array): Uint8Array
  /** CRC-32 (ISO-HDLC, as in gzip, RFC 1952 section 8): finds damage, proves nothing. `before`: the sum of bytes before these; those before `from` are left out. */
  crc32(bytes: Uint8Array, before?: number, from?: number): number
  /** The same beside the calling thread, where `sha256` itself is plain JavaScript. Rejects where the runtime lacks it. */
  readonly sha256InPool: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined
}
