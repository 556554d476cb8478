import { compare } from '../base/index'
import type { BatchOperation } from './key-value-storage'

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** Entries in key order; never empty, never changed once made. */
type Chunk = readonly Entry[]

const CHUNK_TARGET = 256
const CHUNK_MAX = 2 * CHUNK_TARGET

/**
 * An immutable ordered map as a sorted list of sorted chunks. `apply` shares every chunk it does not touch, so a reader
 * that holds an older map keeps a consistent snapshot for nothing.
 *
 * Invariants: keys ascend within and across chunks; every chunk holds 1 to `CHUNK_MAX` entries.
 */
export class SortedChunks {
  static readonly empty = new SortedChunks([])

  private constructor(readonly chunks: readonly Chunk[]) {}

  get(key: Uint8Array): Uint8Array | undefined {
    const chunk = this.chunks[this.chunkOf(key)]
    if (chunk === undefined) return undefined
    const entry = chunk[lowerBound(chunk, key)]
    return entry !== undefined && compare(entry[0], key) === 0 ? entry[1] : undefined
  }

  /** The map after all operations, the last on a key deciding. Costs what it touches, and a copy of the list of chunks. */
  apply(operations: readonly BatchOperation[]): SortedChunks {
    const sorted = lastPerKey(operations)
    const chunks: Chunk[] = []
    let kept = 0
    for (let next = 0; next < sorted.length;) {
      const from = next
      const index = this.chunkOf(sorted[from]!.key)
      const bound = this.chunks[index + 1]?.[0]?.[0]
      while (next < sorted.length && (bound === undefined || compare(sorted[next]!.key, bound) < 0)) next++
      keep(chunks, this.chunks, kept, index)
      append(chunks, merge(this.chunks[index] ?? [], sorted, from, next))
      kept = index + 1
    }
    keep(chunks, this.chunks, kept, this.chunks.length)
    return new SortedChunks(chunks)
  }

  /** Entries with `gte <= key < lt`, ascending or descending. */
  *range(gte: Uint8Array | undefined, lt: Uint8Array | undefined, reverse: boolean): Generator<Entry> {
    const step = reverse ? -1 : 1
    const start = reverse ? lt : gte
    let index = start === undefined ? (reverse ? this.chunks.length - 1 : 0) : this.chunkOf(start)
    for (; index >= 0 && index < this.chunks.length; index += step) {
      const chunk = this.chunks[index]!
      const low = gte === undefined ? 0 : lowerBound(chunk, gte)
      const high = lt === undefined ? chunk.length : lowerBound(chunk, lt)
      if (reverse) for (let i = high - 1; i >= low; i--) yield chunk[i]!
      else for (let i = low; i < high; i++) yield chunk[i]!
      if (reverse ? low > 0 : high < chunk.length) return
    }
  }

  /** The chunk whose span holds the key: the last one that starts at or before it, else the first. */
  private chunkOf(key: Uint8Array): number {
    let low = 0
    let high = this.chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(this.chunks[middle]![0]![0], key) <= 0) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

function lowerBound(chunk: Chunk, key: Uint8Array, from = 0): number {
  let low = from
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(chunk[middle]![0], key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function lastPerKey(operations: readonly BatchOperation[]): BatchOperation[] {
  const sorted = [...operations].sort((a, b) => compare(a.key, b.key))
  return sorted.filter((operation, i) => i + 1 === sorted.length || compare(operation.key, sorted[i + 1]!.key) !== 0)
}

/** A chunk after the operations from `from` to `end`, which are in order. */
function merge(chunk: Chunk, operations: readonly BatchOperation[], from: number, end: number): Entry[] {
  const out: Entry[] = []
  let i = 0
  for (let next = from; next < end; next++) {
    const operation = operations[next]!
    const { key } = operation
    const at = lowerBound(chunk, key, i)
    while (i < at) out.push(chunk[i++]!)
    if (i < chunk.length && compare(chunk[i]![0], key) === 0) i++
    if (operation.type === 'put') out.push([key.slice(), operation.value.slice()])
  }
  while (i < chunk.length) out.push(chunk[i++]!)
  return out
}

/** Takes chunks over as they are; the first may be small enough to be joined with what was changed before it. */
function keep(chunks: Chunk[], source: readonly Chunk[], from: number, end: number): void {
  if (from >= end) return
  append(chunks, source[from]!)
  for (let i = from + 1; i < end; i++) chunks.push(source[i]!)
}

/** Keeps chunks near their target: small neighbours are joined, large ones cut. */
function append(chunks: Chunk[], chunk: Chunk): void {
  const last = chunks.at(-1)
  if (chunk.length === 0) return
  if (last !== undefined && last.length + chunk.length <= CHUNK_TARGET) {
    chunks[chunks.length - 1] = [...last, ...chunk]
  } else if (chunk.length <= CHUNK_MAX) {
    chunks.push(chunk)
  } else {
    for (let i = 0; i < chunk.length; i += CHUNK_TARGET) chunks.push(chunk.slice(i, i + CHUNK_TARGET))
  }
}
