import { readCanonical } from './cbor-read'
import { writeCanonical } from './cbor-write'
import type { Cid } from './cid'
import { attempt, fail, type Result } from './result'

/** What canonical bytes can say: DAG-CBOR without floats. Numbers are safe integers; map keys are text. */
export type CborValue = string | number | boolean | null | Uint8Array | Cid | readonly CborValue[] | CborMap
export type CborMap = ReadonlyMap<string, CborValue>

/** Bounds that hold before anything is allocated. */
export interface CborLimits {
  /** Default 262,144. */
  readonly maxBytes?: number
  /** Containers around one item, itself included; default 8. */
  readonly maxDepth?: number
  /** Items in all, containers and their members each counting one, map keys none; default 4,096. In memory an item can take a hundred times its bytes. */
  readonly maxItems?: number
}

const DEFAULT_MAX_BYTES = 262_144
const DEFAULT_MAX_DEPTH = 8
const DEFAULT_MAX_ITEMS = 4_096

/**
 * The one byte string of a value: shortest heads, keys sorted by length and then bytes (DAG-CBOR). Throws `float` or
 * `int-range` for a number that is no safe integer, `bad-utf8` for text with a lone surrogate or a leading U+FEFF, and
 * `bad-type` for anything that is no `CborValue`.
 *
 * @example
 * ```ts
 * encodeCanonical(new Map([['v', 1]])) // a1 61 76 01
 * ```
 */
export function encodeCanonical(value: CborValue): Uint8Array {
  return writeCanonical(value)
}

/**
 * Decodes bytes that are exactly what `encodeCanonical` makes of their value; refuses all others with code and offset.
 * Byte strings are views of `bytes`.
 */
export function decodeCanonical(bytes: Uint8Array, limits: CborLimits = {}): Result<CborValue> {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES
  if (bytes.length > maxBytes) return fail({ code: 'too-large', limit: maxBytes })
  const { maxDepth = DEFAULT_MAX_DEPTH, maxItems = DEFAULT_MAX_ITEMS } = limits
  return attempt(() => readCanonical(bytes, maxDepth, maxItems))
}
