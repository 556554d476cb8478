import { sha256 } from '#platform'
import { Cid } from '../base/index'

/** The id of a payload: CIDv1, dag-cbor, sha2-256, as base32 text `bafyrei…`. `digest` is its SHA-256, for those who have it. */
export function cidOf(payload: Uint8Array, digest = sha256(payload)): string {
  return Cid.textOf(digest)
}
