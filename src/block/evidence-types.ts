import type { BlockBase, CommonFields } from './types'

/**
 * One round of a public randomness beacon, as the block carries it. Nobody knows the signature of a round before the round
 * comes out, so what contains it was made afterwards. Reading a block checks its lengths only; `verifyBeacon` checks it.
 */
export interface Beacon {
  /** The hash that names the chain, 32 bytes. */
  readonly chain: Uint8Array
  /** 1 … 2^53 − 1. */
  readonly round: number
  /** The round's BLS signature, compressed: 48 bytes where signatures are in G1, 96 where they are in G2. */
  readonly signature: Uint8Array
}

/** A beacon as it is at hand: bytes, or hexadecimal as beacons publish it. */
export interface BeaconFields {
  readonly chain: Uint8Array | string
  readonly round: number
  readonly signature: Uint8Array | string
}

/**
 * What a witness saw by its own `time`: one block, or the Merkle tree (RFC 6962 section 2.1) of the ids of `size` blocks, to
 * which an `inclusion` block leads from each.
 */
export type Witness =
  | { readonly block: string; readonly root?: undefined; readonly size?: undefined }
  | { readonly root: Uint8Array; readonly size: number; readonly block?: undefined }

/** A countersignature: its author saw the block, or the batch, by its `time`. */
export interface WitnessBlock extends BlockBase, CommonFields {
  readonly kind: 'witness'
  readonly opaque?: undefined
  readonly witness: Witness
}

/** That a block is among those of a witnessed batch. It proves itself, so anyone may publish it. */
export interface Inclusion {
  /** Id of the `witness` block with the batch's root. */
  readonly witness: string
  /** Id of the block that is in the batch. */
  readonly block: string
  /** Its place in the batch, from 0. */
  readonly index: number
  /** The audit path (RFC 6962 section 2.1.1): hashes of 32 bytes from the leaf's sibling upwards, joined. */
  readonly path: Uint8Array
}

export interface InclusionBlock extends BlockBase, CommonFields {
  readonly kind: 'inclusion'
  readonly opaque?: undefined
  readonly inclusion: Inclusion
}

/** A proof of an outside standard that a block's payload existed by some time. It proves itself, so anyone may publish it. */
export interface TimeProofData {
  /** Id of the block that it is about. */
  readonly block: string
  /** A name, such as `opentimestamps`. */
  readonly format: string
  /** The proof as its standard writes it, at most 64 KiB. */
  readonly data: Uint8Array
}

export interface TimeProofBlock extends BlockBase, CommonFields {
  readonly kind: 'timeproof'
  readonly opaque?: undefined
  readonly timeproof: TimeProofData
}
