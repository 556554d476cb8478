import { loadOnce } from '../../base/index'
import type { TimeProof } from './time-proof'

/** Where block headers of Bitcoin come from: one's own node, a list that was pinned, a service that one trusts. */
export interface BitcoinHeaders {
  /** The header of the best chain's block at a height, 80 bytes as it is hashed; `undefined` while there is none. */
  header(height: number): Uint8Array | undefined | Promise<Uint8Array | undefined>
}

/** Loaded with the first proof. */
const verifier = /* @__PURE__ */ loadOnce(() => import('./ots/verify-ots'))

/**
 * Proofs of OpenTimestamps (https://opentimestamps.org): detached `.ots` files, as `ots stamp` writes them for a file
 * that holds a block's payload, upgraded until they name a block of Bitcoin. Checked offline but for the headers, which
 * the caller supplies and vouches for: a header alone shows work, not that it is of the chain that everybody keeps.
 *
 * @example
 * ```ts
 * const proofs = openTimestamps({ header: height => pinned.get(height) })
 * const answer = await proofs.verify(sha256(payload), await readFile('payload.ots'))
 * if (answer.ok) console.log(answer.value.by, new Date(answer.value.time))
 * ```
 */
export function openTimestamps(headers: BitcoinHeaders): TimeProof {
  return {
    format: 'opentimestamps',
    verify: async (digest, proof) => (await verifier()).verifyOts(digest, proof, headers),
  }
}
