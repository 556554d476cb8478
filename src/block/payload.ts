import { decodeCanonical, encodeCanonical, unwrap, type CborMap } from '../base/index'
import { asMap, bytes, integer, refuse, type Codec } from './fields/codec'
import { name, time } from './fields/names'
import { record, required } from './fields/record'
import { embeddingKind } from './kinds/embedding'
import { profileKind } from './kinds/profile'
import { keywrapKind, sealedKind } from './kinds/sealed'
import { translatorKind } from './kinds/translator'
import { LIMITS } from './limits'
import { FORMAT_VERSION, type CommonFields } from './types'

/** What every payload of every version and kind begins with; these four keep their encoding for ever. */
export interface Head {
  readonly version: number
  readonly kind: string
  /** The author's public key. */
  readonly author: Uint8Array
  readonly time: number
}

/** The fields of a known (version, kind), in API names and units. */
export type KindFields = CommonFields & object

const HEAD = {
  version: required('v', integer(1, 65_535)),
  kind: required('kind', name),
  author: required('author', bytes(32)),
  time: required('time', time),
}
const HEAD_KEYS: ReadonlySet<string> = new Set(Object.values(HEAD).map(field => field.key))
const head = record<Head>(HEAD)

const KINDS: Readonly<Record<string, Codec<KindFields>>> = {
  embedding: embeddingKind,
  sealed: sealedKind,
  keywrap: keywrapKind,
  profile: profileKind,
  translator: translatorKind,
}

/** The kinds of `FORMAT_VERSION` whose fields this library judges; blocks of all others are opaque to it. */
export const KNOWN_KINDS: readonly string[] = Object.keys(KINDS)

/** The codec of a (version, kind), or `undefined`: then the rest of the payload is opaque. */
function codecOf({ version, kind }: Head): Codec<KindFields> | undefined {
  return version === FORMAT_VERSION && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
}

/** Reads a payload's bytes; throws the first refusal. `fields` is absent when the (version, kind) is not known here. */
export function readPayload(payload: Uint8Array): { readonly head: Head; readonly fields?: KindFields } {
  const [headEntries, entries] = split(decode(payload))
  const read = head.read(headEntries, '')
  const codec = codecOf(read)
  if (codec === undefined) return { head: read }
  const fields = codec.read(entries, '')
  if (fields.expires !== undefined && fields.expires <= read.time) {
    refuse('out-of-range', 'expires', { limit: read.time, hint: 'later than time' })
  }
  return { head: read, fields }
}

/** What every version can read of a payload, whatever its other fields; throws the first refusal. */
export function readHead(payload: Uint8Array): Head {
  return head.read(split(decode(payload))[0], '')
}

function decode(payload: Uint8Array): CborMap {
  return asMap(unwrap(decodeCanonical(payload, { maxBytes: LIMITS.envelope, maxDepth: LIMITS.depth })), '')
}

/** Writes a payload of a known kind and reads it back, so that nothing is signed that would be refused. */
export function writePayload(of: Head, fields: KindFields): Uint8Array {
  const body = codecOf(of)!.write(fields, '') as CborMap
  const payload = encodeCanonical(new Map([...(head.write(of, '') as CborMap), ...body]))
  readPayload(payload)
  return payload
}

function split(map: CborMap): [head: CborMap, body: CborMap] {
  const entries = [...map]
  const isHead = ([key]: readonly [string, unknown]): boolean => HEAD_KEYS.has(key)
  return [new Map(entries.filter(isHead)), new Map(entries.filter(entry => !isHead(entry)))]
}
