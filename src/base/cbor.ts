import { addExtension, Decoder, Encoder, type Options } from 'cbor-x/index-no-eval'
import { concat, utf8 } from './bytes'
import { compareKeys, scanCanonical } from './cbor-scan'
import { Cid } from './cid'
import { CosmicError } from './errors'
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
}

const DEFAULT_MAX_BYTES = 262_144
const DEFAULT_MAX_DEPTH = 8
const CID_TAG = 42

/** cbor-x turns larger integers into floats unless they come as BigInt. */
const LARGEST_AS_NUMBER = 2 ** 32 - 1

/** Without these cbor-x writes records, tagged byte arrays and fixed-size map heads, and reads maps into objects. */
const OPTIONS: Options & { int64AsNumber: boolean } = {
  useRecords: false,
  variableMapSize: true,
  tagUint8Array: false,
  mapsAsObjects: false,
  int64AsNumber: true,
}

let codec: { readonly encoder: Encoder; readonly decoder: Decoder } | undefined

/** Made on first use: nothing is built or registered at import. */
function cbor(): { readonly encoder: Encoder; readonly decoder: Decoder } {
  if (codec !== undefined) return codec
  addExtension<Cid, Uint8Array>({
    Class: Cid as unknown as new () => Cid,
    tag: CID_TAG,
    encode: (cid, encode) => encode(concat(Uint8Array.of(0), cid.bytes)),
    decode: bytes => unwrapCid(bytes),
  })
  return (codec = { encoder: new Encoder(OPTIONS), decoder: new Decoder(OPTIONS) })
}

/** The scanner has checked the form; the leading zero is the multibase identity prefix that DAG-CBOR asks for. */
function unwrapCid(bytes: Uint8Array): Cid {
  const read = Cid.fromBytes(bytes.subarray(1))
  if (!read.ok) throw new CosmicError(read.error)
  return read.value
}

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
  return new Uint8Array(cbor().encoder.encode(prepare(value)))
}

/** Decodes bytes that are exactly what `encodeCanonical` makes of their value; refuses all others with code and offset. */
export function decodeCanonical(bytes: Uint8Array, limits: CborLimits = {}): Result<CborValue> {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES
  if (bytes.length > maxBytes) return fail({ code: 'too-large', limit: maxBytes })
  return attempt(() => {
    scanCanonical(bytes, limits.maxDepth ?? DEFAULT_MAX_DEPTH)
    // A view of its own, since cbor-x hangs a property on the array that it reads.
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return cbor().decoder.decode(view) as CborValue
  })
}

/** A copy with sorted keys and every number in the form that cbor-x writes shortest. */
function prepare(value: CborValue): unknown {
  if (typeof value === 'number') return prepareInteger(value)
  if (typeof value === 'string') return prepareText(value)
  if (value === null || typeof value === 'boolean' || value instanceof Cid) return value
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (Array.isArray(value)) return value.map(prepare)
  if (value instanceof Map) return prepareMap(value as CborMap)
  throw new CosmicError({ code: 'bad-type', hint: `cannot encode ${typeof value}` })
}

function prepareInteger(value: number): number | bigint {
  if (Number.isSafeInteger(value)) {
    const argument = value < 0 ? -1 - value : value
    // The sum makes −0, which would be written as a float, plain zero.
    return argument > LARGEST_AS_NUMBER ? BigInt(value) : value + 0
  }
  throw new CosmicError({ code: Number.isInteger(value) ? 'int-range' : 'float' })
}

function prepareText(value: string): string {
  if (/^\ufeff|\p{Surrogate}/u.test(value)) throw new CosmicError({ code: 'bad-utf8' })
  return value
}

function prepareMap(map: CborMap): Map<string, unknown> {
  const entries = [...map].map(([key, value]) => ({ key: prepareText(key), order: utf8(key), value }))
  entries.sort((a, b) => compareKeys(a.order, b.order))
  return new Map(entries.map(({ key, value }) => [key, prepare(value)]))
}
