import { decodeCanonical, encodeCanonical, unwrap, type CborLimits, type CborMap } from '../base/index'
import { refuse, type Codec } from './fields/codec'
import { head, type Head } from './fields/head'
import { embeddingKind } from './kinds/embedding'
import { inclusionKind, timeproofKind, witnessKind } from './kinds/evidence'
import { checkProfile, profileKind } from './kinds/profile'
import { checkRetraction, retractionKind } from './kinds/retraction'
import { checkRotation, rotationKind } from './kinds/rotation'
import { keywrapKind, sealedKind } from './kinds/sealed'
import { translatorKind } from './kinds/translator'
import { LIMITS } from './limits'
import { FORMAT_VERSION, type CommonFields } from './types'

/** Bounds of a payload's form. */
const FORM: CborLimits = { maxBytes: LIMITS.envelope, maxDepth: LIMITS.depth, maxItems: LIMITS.items }

/** The fields of a known (version, kind), in API names and units. */
export type KindFields = CommonFields & object

const KINDS: Readonly<Record<string, Codec<KindFields>>> = {
  embedding: embeddingKind,
  sealed: sealedKind,
  keywrap: keywrapKind,
  profile: profileKind,
  rotation: rotationKind,
  retraction: retractionKind,
  translator: translatorKind,
  witness: witnessKind,
  inclusion: inclusionKind,
  timeproof: timeproofKind,
}

/** What of a kind's fields hangs on each other or on the head. These kinds do not expire: who heard of them once must not know more than others. */
const RULES: Readonly<Record<string, (head: Head, fields: never) => void>> = {
  profile: checkProfile,
  rotation: checkRotation,
  retraction: checkRetraction,
}

/** The kinds of `FORMAT_VERSION` whose fields this library judges; blocks of all others are opaque to it. */
export const KNOWN_KINDS: readonly string[] = Object.keys(KINDS)

/** The codec of a (version, kind), or `undefined`: then the rest of the payload is opaque. */
function codecOf({ version, kind }: Head): Codec<KindFields> | undefined {
  return version === FORMAT_VERSION && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
}

/** Reads a payload's bytes; throws the first refusal. `fields` is absent when the (version, kind) is not known here. */
export function readPayload(payload: Uint8Array): { readonly head: Head; readonly fields?: KindFields } {
  const value = unwrap(decodeCanonical(payload, FORM))
  const read = head.read(value, '')
  const codec = codecOf(read)
  if (codec === undefined) return { head: read }
  const fields = codec.read(value, '')
  const rule = RULES[read.kind]
  if (rule && fields.expires !== undefined) {
    refuse('unknown-field', 'expires', { hint: `a ${read.kind} does not expire` })
  }
  checkAgainstTime(fields, read.time)
  rule?.(read, fields as never)
  return { head: read, fields }
}

function checkAgainstTime({ expires, sights, place }: KindFields, time: number): void {
  if (expires !== undefined && expires <= time) {
    refuse('out-of-range', 'expires', { limit: time, hint: 'later than time' })
  }
  if (sights === undefined) return
  if (place === undefined) refuse('missing-field', 'place', { hint: 'sights are for a place' })
  const remote = sights.sights.findIndex(sight => Math.abs(sight.time - time) > LIMITS.sightDistance)
  if (remote < 0) return
  refuse('out-of-range', `sights.sights[${remote}].time`, { limit: LIMITS.sightDistance, hint: 'within a day of time' })
}

/** What every version can read of a payload, whatever its other fields; throws the first refusal. */
export function readHead(payload: Uint8Array): Head {
  return head.read(unwrap(decodeCanonical(payload, FORM)), '')
}

/** Writes a payload of a known kind. Reading judges: nothing is signed before its payload was read back. */
export function writePayload(of: Head, fields: KindFields): Uint8Array {
  const body = codecOf(of)!.write(fields, '') as CborMap
  return encodeCanonical(new Map([...(head.write(of, '') as CborMap), ...body]))
}
