import { sha256 } from '#platform'
import { concat } from '../base/index'

export const EPOCH_BYTES = 16
export const CHAIN_BYTES = 16

/** The chain after one more id: the first 16 bytes of SHA-256 over the chain before it and the id's digest. */
export function nextChain(chain: Uint8Array, digest: Uint8Array): Uint8Array {
  return sha256(concat(chain, digest)).slice(0, CHAIN_BYTES)
}
