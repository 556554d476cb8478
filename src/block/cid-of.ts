import { sha256 } from '#platform'
import { Cid } from '../base/index'

/** The id of a payload: CIDv1, dag-cbor, sha2-256, as base32 text `bafyrei…`. */
export function cidOf(payload: Uint8Array): string {
  return Cid.fromDigest(sha256(payload)).toString()
}
