import { sha256 } from '@noble/hashes/sha2.js'
import { attempt, Cid, concat, CosmicError, utf8 } from '../base/index'
import type { Block, Link } from '../block/index'
import type { LogEntry } from './block-store'
import { readUint64, uint64 } from './uint64'

/**
 * Where a `BlockStore` keeps what, version 1. The first byte of a key names its space; numbers are 8 bytes big-endian;
 * ids are their text in ASCII, so that byte order is the text's order.
 *
 * | key | value |
 * |---|---|
 * | `f` | the format's name and version, as text |
 * | `s` | totals: blocks, admitted, bytes, last seq |
 * | `b` id | the record of a block (record.ts) |
 * | `l` seq | arrival log: time, id |
 * | `t` time id | empty; every block |
 * | `a` `k` `m` `g` `w` term time id | empty; blocks by author, kind, model, tag, and what they are about |
 * | `c` index term | how many blocks an index holds under a term |
 * | `x` … | what other rooms keep beside the blocks |
 *
 * What a block is about stands twice: as the id of that, and as this id, a space and the author, so that the word of one
 * author is found however many others speak.
 *
 * A term is its length in one byte and its UTF-8 bytes, or, above 128 bytes, `ff` and their SHA-256: every key stays far
 * below `MAX_KEY_BYTES`. Other rooms that share the storage take spaces of their own: `q` is the queue of `ingest/`.
 */
export const FORMAT = 'cosmic-embeddings/store/1'

export type TermIndex = 'author' | 'kind' | 'model' | 'tag' | 'about'

const SPACES = {
  format: 'f',
  totals: 's',
  record: 'b',
  log: 'l',
  time: 't',
  count: 'c',
  author: 'a',
  kind: 'k',
  model: 'm',
  tag: 'g',
  about: 'w',
  side: 'x',
} as const
const LONGEST_TERM = 128
const HASHED = Uint8Array.of(0xff)

/** Longest id that a store is asked for; block ids have 59 characters. */
const LONGEST_ID = 128

const space = (name: keyof typeof SPACES) => utf8(SPACES[name])

export const formatKey = (): Uint8Array => space('format')
export const sidePrefix = (): Uint8Array => space('side')
export const totalsKey = (): Uint8Array => space('totals')
export const logKey = (seq: number): Uint8Array => concat(space('log'), uint64(seq))
/** Every record; `c` is the next space. */
export const recordsRange = () => ({ gte: space('record'), lt: space('count') })
export const logEnd = (): Uint8Array => concat(space('log'), uint64(Number.MAX_SAFE_INTEGER))
export const countKey = (index: Uint8Array): Uint8Array => concat(space('count'), index)

/** `undefined` for what cannot be an id, hence cannot be stored. */
export function recordKey(id: string): Uint8Array | undefined {
  return id.length > 0 && id.length <= LONGEST_ID ? concat(space('record'), utf8(id)) : undefined
}

/** The common beginning of all entries of one index under one term; of the time index, which has no terms. */
export function indexPrefix(index: TermIndex, term: string): Uint8Array {
  const bytes = utf8(term)
  const component =
    bytes.length <= LONGEST_TERM ? concat(Uint8Array.of(bytes.length), bytes) : concat(HASHED, sha256(bytes))
  return concat(space(index), component)
}

export const timePrefix = (): Uint8Array => space('time')

export function entryKey(prefix: Uint8Array, time: number, id: string): Uint8Array {
  return concat(prefix, uint64(time), utf8(id))
}

/** The id at the end of an index entry. */
export function entryId(prefix: Uint8Array, key: Uint8Array): string {
  return ascii(key.subarray(prefix.length + 8))
}

export const encodeLogEntry = (time: number, id: string): Uint8Array => concat(uint64(time), utf8(id))

/** The place of a log entry; `undefined` when its key is not one. */
export function seqOf(key: Uint8Array): number | undefined {
  const seq = attempt(() => readUint64(key, 1))
  return seq.ok && key.length === 9 ? seq.value : undefined
}

/** Throws `storage` with the field `log.<seq>` when it is not what was written. */
export function decodeLogEntry(key: Uint8Array, value: Uint8Array): LogEntry {
  const seq = seqOf(key)
  const time = attempt(() => readUint64(value, 0))
  const id = ascii(value.subarray(8))
  if (seq !== undefined && time.ok && Cid.parse(id).ok) return { seq, id, time: time.value, state: 'held' }
  const field = seq === undefined ? 'log' : `log.${seq}`
  throw new CosmicError({ code: 'storage', field, hint: 'the entry is damaged' })
}

/** How many blocks an index holds under a term. It only guides the choice of an index, so a damaged one counts from 0 again. */
export function decodeCount(value: Uint8Array | undefined): number {
  const count = attempt(() => readUint64(value ?? new Uint8Array(0), 0))
  return count.ok ? count.value : 0
}

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes)

/** Every term under which a block is found. */
export function termPrefixes(block: Block): Uint8Array[] {
  const terms = [indexPrefix('author', block.author), indexPrefix('kind', block.kind)]
  const model = modelOf(block)
  if (model !== undefined) terms.push(indexPrefix('model', model))
  for (const tag of new Set(tagsOf(block))) terms.push(indexPrefix('tag', tag))
  for (const id of aboutOf(block)) terms.push(indexPrefix('about', id), aboutBy(id, block.author))
  return terms
}

/** The entries of what one author says about a block. */
export function aboutBy(id: string, author: string): Uint8Array {
  return indexPrefix('about', `${id} ${author}`)
}

/** The blocks that a block is about; of an inclusion also the witness whose batch it is in. */
export function aboutOf(block: Block): readonly string[] {
  if (block.opaque) return []
  if (block.kind === 'keywrap') return [block.keywrap.block]
  if (block.kind === 'timeproof') return [block.timeproof.block]
  if (block.kind === 'retraction') return [block.retraction.block]
  if (block.kind === 'inclusion') return [block.inclusion.block, block.inclusion.witness]
  return block.kind === 'witness' && block.witness.block !== undefined ? [block.witness.block] : []
}

/** The model whose space the block's own vector is in. */
export function modelOf(block: Block): string | undefined {
  return !block.opaque && block.kind === 'embedding' ? block.embedding.model : undefined
}

export function linksOf(block: Block): readonly Link[] {
  return (!block.opaque && block.links) || []
}

/** The versions that a block names as replaced by it. */
export function supersededBy(block: Block): readonly string[] {
  return (!block.opaque && block.supersedes) || []
}

export function tagsOf(block: Block): readonly string[] {
  return (!block.opaque && block.tags) || []
}
