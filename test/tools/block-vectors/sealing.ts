import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base32nopad } from '@scure/base'
import { type Item, join, raw, type Raw, write } from './raw-cbor'

/** Hexadecimal, in which a pair `[byte, count]` stands for a run of one byte. */
export type PackedHex = readonly (string | readonly [byte: string, count: number])[]

export interface ValidVector {
  readonly name: string
  readonly description: string
  readonly envelope: PackedHex
  readonly id: string
  readonly version: number
  readonly kind: string
  readonly author: string
  readonly time: number
}

export interface RefusedVector {
  readonly name: string
  readonly description: string
  readonly envelope: PackedHex
  readonly code: string
  /** In API names, where the fault is a field's value. */
  readonly field?: string
  /** In the envelope, where the fault is one of form. */
  readonly offset?: number
}

export const seedOf = (number: number): Uint8Array => new Uint8Array(32).fill(number)
export const PROTECTED: Raw = raw('43 a1 01 27')
/** The author of all vectors that do not say otherwise. */
export const AUTHOR = ed25519.getPublicKey(seedOf(1))
export const TIME = 1_767_225_600_000

/** Little-endian numbers of an embedding. */
export const f32 = (...numbers: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(numbers).buffer)

/** The least that is an embedding. */
export const EMBEDDING = {
  v: 1,
  kind: 'embedding',
  author: AUTHOR,
  time: TIME,
  embedding: { model: 'acme:embed-1', type: 'f32', data: f32(0.5, -1, 2) },
  input: { type: 'text', hash: sha256(new TextEncoder().encode('Water boils at 100 °C.')) },
} as const satisfies Item

const PLACE = { lat: 482_082_000, lon: 163_738_000 }
const SIGHT = { body: 'sun', time: TIME - 1000, alt: 3600, sigma: 300 }
/** Seed of the device that signs sights. */
const DEVICE = seedOf(6)

/** One sight, signed by a device for this author, time and place. */
export const SIGHTED = {
  ...EMBEDDING,
  place: PLACE,
  sights: {
    device: ed25519.getPublicKey(DEVICE),
    sig: ed25519.sign(write(['cosmic-embeddings/sights/1', AUTHOR, TIME, PLACE, [SIGHT]]), DEVICE),
    list: [SIGHT],
  },
} as const satisfies Item

/** Part 0 of 2 of a translator, two rows of three columns. */
export const TRANSLATOR = {
  v: 1,
  kind: 'translator',
  author: AUTHOR,
  time: TIME,
  translator: {
    from: 'acme:embed-1',
    to: 'other:model#4',
    method: 'procrustes',
    set: seedOf(2),
    index: 0,
    count: 2,
    row: 0,
    rows: 2,
    dims: 3,
    data: Uint8Array.of(127, 0, 129, 1, 255, 64),
    scales: f32(0.5, 0.25),
    means: { from: f32(1, 2, 3), to: f32(1, 2, 3, 4) },
    quality: { anchors: 500, heldOut: 100, gallery: 1000, top1: 842, top10: 979, cosine: 694, baseline: -12 },
  },
} as const satisfies Item

/** What a signature covers (RFC 9052 section 4.4). */
export const toBeSigned = (payload: Uint8Array): Uint8Array =>
  write(['Signature1', PROTECTED, new Uint8Array(0), payload])

/** An envelope of any items. */
export const envelopeOf = (...items: readonly Item[]): Uint8Array => write(items)

/** The signed envelope of a payload. */
export function seal(payload: Item, seed = seedOf(1)): Uint8Array {
  const bytes = write(payload)
  return sealWith(bytes, ed25519.sign(toBeSigned(bytes), seed))
}

export const sealWith = (payload: Uint8Array, signature: Uint8Array): Uint8Array =>
  envelopeOf(PROTECTED, {}, payload, signature)

/** A payload of an unknown kind whose envelope has just so many bytes, at least 70,000. */
export function paddedTo(length: number): { readonly [key: string]: Item } {
  const padded = (pad: number) => ({ ...EMBEDDING, kind: 'padding', pad: new Uint8Array(pad) })
  return padded(length - seal(padded(70_000)).length + 70_000)
}

/** A copy with one entry replaced, at a path such as `embedding.data`; `undefined` removes it. */
export function changed<T extends Item>(of: T, path: string, value: Item): Item {
  const [key, ...rest] = path.split('.') as [string, ...string[]]
  const map = (of ?? {}) as { readonly [key: string]: Item }
  return { ...map, [key]: rest.length === 0 ? value : changed(map[key], rest.join('.'), value) }
}

/** CIDv1, dag-cbor, sha2-256, in base32. */
export const idOf = (payload: Uint8Array): string =>
  `b${base32nopad.encode(join([Uint8Array.of(1, 0x71, 0x12, 0x20), sha256(payload)])).toLowerCase()}`

/** Runs of 24 equal bytes and more are counted, so that vectors at a limit stay readable. */
export function pack(bytes: Uint8Array): PackedHex {
  const text = Buffer.from(bytes).toString('hex')
  const parts: (string | readonly [string, number])[] = []
  let end = 0
  for (const { index, 0: run, 1: byte } of text.matchAll(/(?<=^(?:..)*)(..)\1{23,}/g)) {
    if (index > end) parts.push(text.slice(end, index))
    parts.push([byte!, run.length / 2])
    end = index + run.length
  }
  if (end < text.length) parts.push(text.slice(end))
  return parts
}
