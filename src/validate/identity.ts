import type { Failure } from '../base/index'
import type { Block, ProfileBlock, RotationBlock } from '../block/index'

/** Where a key stands, as far as the profiles and rotations known here tell (docs/identity.md). */
export interface Identity {
  /**
   * `plain`: a key that stands for itself alone. `active`: the everyday key, or a device, of an identity. `rotated`: another
   * key followed it. `revoked`: it ended without one. `contested`: what is signed contradicts itself; it fails closed.
   */
  readonly status: 'plain' | 'active' | 'rotated' | 'revoked' | 'contested'
  /** did:key under which the identity began; the key itself when it belongs to no other. */
  readonly identity: string
  /** Its everyday keys, from the first to the latest. */
  readonly keys: readonly string[]
  /** The everyday key that counts now; none after a revocation, while contested, or before the successor consents. */
  readonly current?: string
  /** Its devices, each named by the current key and naming the identity. */
  readonly devices: readonly string[]
  /** From this instant on, in milliseconds, blocks of the key asked about do not count. */
  readonly since?: number
  /** The identities that the key says it belongs to, whether they agree or not. */
  readonly claims: readonly string[]
}

/** What a validator asks about authors. `Identities` is one. */
export interface IdentityView {
  /** The identity of an author's key, a did:key. */
  resolve(author: string): Identity
  /** What speaks against a profile or a rotation, as far as is known here. */
  objection(block: ProfileBlock | RotationBlock): Failure | undefined
}

/** What a node knows beside the bytes when it judges a block. */
export interface ValidationContext {
  /** Which identities authors have; without it every key stands for itself. */
  readonly identities?: IdentityView
  /** The block was stored here before, and is looked at again. */
  readonly stored?: boolean
}

/** Why a block of an identity is not admitted; `undefined` when its identity has nothing against it. */
export function standing({ status, since }: Identity, { time }: Pick<Block, 'time'>): Failure | undefined {
  if (status === 'contested') {
    return {
      code: 'contested',
      field: 'author',
      message: 'contested: what the author’s keys signed contradicts itself',
    }
  }
  if (since === undefined || time < since) return undefined
  return {
    code: 'revoked',
    field: 'author',
    limit: since,
    message: `revoked: the author’s key ended before this block`,
  }
}
