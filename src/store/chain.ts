import { sha256 } from '#platform'
export const EPOCH_BYTES = 16
export const CHAIN_BYTES = 16

/** Where a chain and a digest stand one behind the other while they are hashed. */
const scratch = /* @__PURE__ */ new Uint8Array(CHAIN_BYTES + 32)

/** The chain after one more id: the first 16 bytes of SHA-256 over the chain before it and the id's digest. */
export function nextChain(chain: Uint8Array, digest: Uint8Array): Uint8Array {
  scratch.set(chain)
  scratch.set(digest, CHAIN_BYTES)
  return sha256(scratch).slice(0, CHAIN_BYTES)
}
