import { concat, utf8 } from '../base/index'
import type { BatchOperation } from './key-value-storage'
import { UINT48_MAX, writeUint32, writeUint48 } from './uint48'

/**
 * Where a `BlockStore` keeps what, version 2. The first byte of a key names its space; numbers are big-endian, those of
 * places in the log 6 bytes, those of terms 4. Every value but the records of other rooms begins with a CRC-32.
 *
 * | key | value |
 * |---|---|
 * | `f` | the format's name and version, as text |
 * | `fc` | 1: something was erased, and the storage not compacted since |
 * | `e` | state: epoch, end of the log, totals, floor, next number of a term (store-state.ts) |
 * | `d` index term | dictionary: the term's number and counts (term-row.ts); indexes and terms: terms.ts |
 * | `i` number entry | postings: a run of entries of one term, beginning with that entry or before (postings.ts) |
 * | `n` digest | the place of a block, whether it is held, and admitted (id-entry.ts) |
 * | `x` … | what other rooms keep beside the blocks |
 * | `y` seq | the record of a block (record.ts) |
 * | `z` run | arrival log: 64 entries, and the chain's hash before them (log-run.ts) |
 *
 * Records and log grow at their ends and stand last, in this order: LMDB fills pages of ascending keys only where nothing
 * smaller is written between them and what follows (docs/decisions/0008-store-format-2.md has the figures).
 */
export const FORMAT = 'cosmic-embeddings/store/2'
/** While indexes are made anew. */
export const REPAIRING = 'cosmic-embeddings/store/2-repair'

/** The space of each thing, as its one byte. */
const SPACES = {
  format: 'f',
  state: 'e',
  dictionary: 'd',
  postings: 'i',
  id: 'n',
  side: 'x',
  record: 'y',
  log: 'z',
} as const

export type Space = keyof typeof SPACES

const code = (name: Space) => SPACES[name].charCodeAt(0)

export interface KeyRange {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
}

/** Every key of a space. */
export const spaceRange = (name: Space): KeyRange => ({
  gte: Uint8Array.of(code(name)),
  lt: Uint8Array.of(code(name) + 1),
})

export const formatKey = (): Uint8Array => utf8(SPACES.format)
/** Beside the format, in its space. */
export const erasedKey = (): Uint8Array => utf8(`${SPACES.format}c`)
/** Goes with a batch that erases something. */
export const ERASED: BatchOperation = { type: 'put', key: erasedKey(), value: Uint8Array.of(1) }
/** Replaced, not deleted: a deletion would have to be compacted again. */
export const COMPACTED: BatchOperation = { ...ERASED, value: Uint8Array.of(0) }
export const stateKey = (): Uint8Array => utf8(SPACES.state)
export const sidePrefix = (): Uint8Array => utf8(SPACES.side)

/** `term` begins with the letter of its index. */
export const dictionaryKey = (term: string): Uint8Array => utf8(SPACES.dictionary + term)

/** No key of a term is as long: what comes after one that is longer comes after its beginning. */
const LONGEST = 600

/** Keys of all terms that begin so, and come after one of them. The beginning ends in an ASCII character. */
export function dictionaryRange(beginning: string, after?: string): KeyRange {
  const gte =
    after === undefined
      ? dictionaryKey(beginning)
      : concat(dictionaryKey(beginning + after).subarray(0, LONGEST), Uint8Array.of(0))
  const lt = dictionaryKey(beginning)
  lt[lt.length - 1]! += 1
  return { gte, lt }
}

/** Of a run of postings that begins with `entry`, or is the first of its term. */
export function postingsKey(term: number, entry: Uint8Array = new Uint8Array(0)): Uint8Array {
  const key = new Uint8Array(5 + entry.length)
  key[0] = code('postings')
  writeUint32(key, 1, term)
  key.set(entry, 5)
  return key
}

export function idKey(digest: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + digest.length)
  key[0] = code('id')
  key.set(digest, 1)
  return key
}

function seqKey(name: Space, seq: number): Uint8Array {
  const key = new Uint8Array(7)
  key[0] = code(name)
  writeUint48(key, 1, Math.min(seq, UINT48_MAX))
  return key
}

export const recordKey = (seq: number): Uint8Array => seqKey('record', seq)
export const logRunKey = (run: number): Uint8Array => seqKey('log', run)
