import type { BlockBase, CommonFields } from './types'

/**
 * What a key publishes about itself; at least one of these. A key that begins an identity commits to a recovery key in its
 * first profile and in every later one; one that joins an identity, as a device or a successor, names it instead
 * (docs/identity.md).
 */
export interface Profile {
  /** X25519 public keys, 1 … 16: the first is the one to encrypt to, the others are older ones. */
  readonly encryption?: readonly Uint8Array[]
  /** SHA-256 of the recovery key's public key: `recoveryCommitment(recovery.publicKey)`. Not beside `identity`. */
  readonly recovery?: Uint8Array
  /** did:keys of the other devices of this identity, 1 … 32. The latest profile's list counts. */
  readonly devices?: readonly string[]
  /** did:key under which the identity began that this key belongs to. It counts when that identity names this key too. */
  readonly identity?: string
}

export interface ProfileBlock extends BlockBase, CommonFields {
  readonly kind: 'profile'
  readonly opaque?: undefined
  readonly profile: Profile
}

/** The end of an everyday key, from the block's time on; its author is the recovery key. */
export interface Rotation {
  /** did:key of the everyday key that ends. */
  readonly from: string
  /** did:key of the one that follows it; without one the identity is revoked. */
  readonly to?: string
  /** Commitment to the recovery key of `to`; default: the recovery key stays. */
  readonly next?: Uint8Array
}

export interface RotationBlock extends BlockBase, CommonFields {
  readonly kind: 'rotation'
  readonly opaque?: undefined
  readonly rotation: Rotation
}
