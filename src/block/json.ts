import { fail, fromBase64url, toBase64url, type Result } from '../base/index'
import { decodeBlock } from './decode-block'
import { LIMITS } from './limits'
import type { Block } from './types'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** The JSON view of a block: its fields in API names and units, every byte array as base64url without padding. */
export type BlockJson = { readonly [key: string]: JsonValue } & { readonly id: string; readonly bytes: string }

/**
 * The one JSON view. `bytes` is the signed envelope and carries everything; the other fields are there to be read.
 *
 * @example
 * ```ts
 * const read = fromJSON(JSON.parse(JSON.stringify(toJSON(block))))
 * ```
 */
export function toJSON(block: Block): BlockJson {
  return toJsonValue(block) as BlockJson
}

/**
 * The block of a JSON view. Only `bytes` is read; `id` must be the id of those bytes, else the view is `bad-json`. All other
 * fields are ignored, so that nothing unsigned is ever believed. Errors in the bytes are those of `decodeBlock`.
 */
export function fromJSON(value: unknown): Result<Block> {
  const { id, bytes } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (typeof id !== 'string') return fail({ code: 'bad-json', field: 'id' })
  if (typeof bytes !== 'string') return fail({ code: 'bad-json', field: 'bytes' })
  // Before decoding: four characters carry three bytes.
  if (bytes.length * 3 > LIMITS.envelope * 4 + 3) return fail({ code: 'too-large', limit: LIMITS.envelope })
  const decoded = fromBase64url(bytes)
  if (decoded === undefined) return fail({ code: 'bad-json', field: 'bytes', hint: 'base64url without padding' })
  const block = decodeBlock(decoded)
  return block.ok && block.value.id !== id
    ? fail({ code: 'bad-json', field: 'id', hint: 'not the id of bytes' })
    : block
}

function toJsonValue(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return toBase64url(value)
  if (Array.isArray(value)) return value.map(toJsonValue)
  if (typeof value !== 'object' || value === null) return value as JsonValue
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJsonValue(item)]))
}
