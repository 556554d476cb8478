import { expect } from 'vitest'
import { encodeCanonical, type CborMap, type CborValue } from '../../../src/base/index'
import { sealEnvelope } from '../../../src/block/envelope'
import { decodeBlock } from '../../../src/block/index'

/** A payload by its wire names: what other implementations send, right or wrong. */
export type Wire = { readonly [key: string]: WireValue }
type WireValue = CborValue | Wire | readonly WireValue[] | undefined

/** A complete embedding of three f32 numbers. */
export const EMBEDDING: Wire = {
  v: 1,
  kind: 'embedding',
  author: new Uint8Array(32).fill(9),
  time: 1_700_000_000_000,
  embedding: { model: 'acme:embed-1', type: 'f32', data: floats(0.5, -1, 2) },
  input: { type: 'text', hash: new Uint8Array(32).fill(1) },
}

/** A complete part 0 of 2, with two rows of three columns. */
export const TRANSLATOR: Wire = {
  v: 1,
  kind: 'translator',
  author: new Uint8Array(32).fill(9),
  time: 1_700_000_000_000,
  translator: {
    from: 'acme:embed-1',
    to: 'other:model#4',
    method: 'procrustes',
    set: new Uint8Array(32).fill(2),
    index: 0,
    count: 2,
    row: 0,
    rows: 2,
    dims: 3,
    data: new Uint8Array(6).fill(7),
    scales: floats(0.5, 0.25),
    means: { from: floats(1, 2, 3), to: floats(1, 2, 3, 4) },
    quality: { anchors: 500, heldOut: 100, gallery: 1000, top1: 842, top10: 979, cosine: 694, baseline: -12 },
  },
}

/** One departure from a valid payload, and how it is refused. */
export type Deviation = readonly [code: string, field: string, path: string, value: Wire[string]]

/** Expects `decodeBlock` to refuse a payload with this code at this field. */
export function expectRefusal(of: Wire, code: string, field: string): void {
  const read = decodeBlock(envelopeOf(of))
  expect(read.ok ? 'accepted' : `${read.error.code} ${read.error.field}`).toBe(`${code} ${field}`)
}

/** Little-endian f32 numbers. */
export function floats(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length))
  numbers.forEach((number, i) => view.setFloat32(4 * i, number, true))
  return new Uint8Array(view.buffer)
}

/** A copy with one entry replaced, at a path such as `embedding.data`; `undefined` removes it. */
export function changed(of: Wire, path: string, value: WireValue): Wire {
  const [key, ...rest] = path.split('.') as [string, ...string[]]
  const inner = rest.length === 0 ? value : changed((of[key] ?? {}) as Wire, rest.join('.'), value)
  return { ...of, [key]: inner }
}

/** Canonical bytes of a payload. */
export function payloadOf(of: Wire): Uint8Array {
  return encodeCanonical(toCbor(of))
}

/** An envelope whose signature was never made: `decodeBlock` does not look at it. */
export function envelopeOf(of: Wire): Uint8Array {
  return sealEnvelope(payloadOf(of), new Uint8Array(64))
}

function toCbor(value: WireValue): CborValue {
  if (Array.isArray(value)) return value.map(toCbor)
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain) return value as CborValue
  const entries = Object.entries(value as Wire).filter(([, item]) => item !== undefined)
  return new Map(entries.map(([key, item]) => [key, toCbor(item)])) as CborMap
}
