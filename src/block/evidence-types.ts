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
