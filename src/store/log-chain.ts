import { sha256 } from '#platform'
import { concat } from '../base/index'

const CHAIN_BYTES = 16

/** The chain before the first entry. */
export const CHAIN_START = new Uint8Array(CHAIN_BYTES)

/** The chain of a log that goes on with the block of this digest: it covers every id up to here, in order. */
export function chainAfter(chain: Uint8Array, digest: Uint8Array): Uint8Array {
  return sha256(concat(chain, digest)).slice(0, CHAIN_BYTES)
}
