import type { Sight } from '../sky/index'

/** A sight as a block carries it: angles in steps of 0.1″, lengths in centimetres, pressure and temperature in tenths. */
export type SignedSight = Sight & { readonly time: number }

/**
 * What a device observed of the sky, signed by the device for one author, time and place, so that nobody can put its
 * sights into another block. `signSights` makes it.
 */
export interface SignedSights {
  /** did:key of the device. */
  readonly device: string
  readonly signature: Uint8Array
  /** 1 … 64, of times at most a day from the block's. */
  readonly sights: readonly SignedSight[]
}
