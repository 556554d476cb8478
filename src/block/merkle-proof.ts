import { sha256 } from '#platform'
import { concat, equal } from '../base/index'

/** Bytes of SHA-256. */
export const HASH_LENGTH = 32

/** Bytes of the longest audit path in a tree of `size` leaves. */
export function longestPath(size: number): number {
  return HASH_LENGTH * Math.ceil(Math.log2(size))
}

/** The hash of a leaf (RFC 6962 section 2.1): no leaf can pass for a node, nor a node for a leaf. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(0), leaf))
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right))
}

/** A place in a tree and the way from it to the root. */
export interface AuditPath {
  readonly index: number
  /** Of the tree, in leaves. */
  readonly size: number
  /** Hashes from the leaf's sibling upwards, joined. */
  readonly path: Uint8Array
}

/** Whether a leaf stands at its place in the tree of a root: the verification of RFC 9162 section 2.1.3.2. */
export function isIncluded(leaf: Uint8Array, { index, size, path }: AuditPath, root: Uint8Array): boolean {
  if (index >= size || path.length % HASH_LENGTH !== 0) return false
  let hash = leafHash(leaf)
  let [node, last] = [index, size - 1]
  for (let at = 0; at < path.length; at += HASH_LENGTH) {
    if (last === 0) return false
    const sibling = path.subarray(at, at + HASH_LENGTH)
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      // A node without a sibling on its level is its own parent.
      while (node % 2 === 0 && node !== 0) [node, last] = [node >> 1, last >> 1]
    } else hash = nodeHash(hash, sibling)
    ;[node, last] = [node >> 1, last >> 1]
  }
  return last === 0 && equal(hash, root)
}
