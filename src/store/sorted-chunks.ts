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

  /** The map after all operations, the last on a key deciding. */
  apply(operations: readonly BatchOperation[]): SortedChunks {
    const sorted = lastPerKey(operations)
    const chunks: Chunk[] = []
    let next = 0
    const source = this.chunks.length === 0 ? [[]] : this.chunks
    source.forEach((chunk, index) => {
      const bound = source[index + 1]?.[0]?.[0]
      const from = next
      while (next < sorted.length && (bound === undefined || compare(sorted[next]!.key, bound) < 0)) next++
      append(chunks, from === next ? chunk : merge(chunk, sorted.slice(from, next)))
    })
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

function lowerBound(chunk: Chunk, key: Uint8Array): number {
  let low = 0
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

function merge(chunk: Chunk, operations: readonly BatchOperation[]): Entry[] {
  const out: Entry[] = []
  let i = 0
  for (const operation of operations) {
    while (i < chunk.length && compare(chunk[i]![0], operation.key) < 0) out.push(chunk[i++]!)
    if (i < chunk.length && compare(chunk[i]![0], operation.key) === 0) i++
    if (operation.type === 'put') out.push([operation.key.slice(), operation.value.slice()])
  }
  while (i < chunk.length) out.push(chunk[i++]!)
  return out
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
