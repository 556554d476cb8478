import type { CodedCells } from './coded-cells'
import type { IdSum } from './fingerprint'

/** Milliseconds in this library; any u64 below 2⁶⁴ − 1 on the wire, hence `bigint` beyond 2⁵³ − 1. `Infinity` only as a bound. */
export type Timestamp = number | bigint

/** One member of the reconciled set: a block's claimed time and the 32-byte SHA-256 digest inside its CID. */
export interface SetItem {
  readonly time: Timestamp
  readonly id: Uint8Array
}

/** A place in the order of (time, id): `id` is a prefix of 0 … 32 bytes, the rest taken as zeros. `time: Infinity` is above everything. */
export interface Bound {
  readonly time: Timestamp
  readonly id: Uint8Array
}

/** What reconciliation reads of a set: its members in ascending order of (time, id bytes). */
export interface ReconcileSet {
  readonly size: number
  /** The item at `index`, 0 ≤ index < size. */
  get(index: number): SetItem
  /** Index of the first item that is not below `bound`; `size` when there is none. */
  lowerBound(bound: Bound): number
  /** The 16-byte fingerprint of the items in [from, to). */
  fingerprint(from: number, to: number): Uint8Array
  /** Adds the ids of the items in [from, to) to a sum. */
  addIds(sum: IdSum, from: number, to: number): void
  /** A copy of the set's coded cells, where it keeps any. */
  cells?(): CodedCells | undefined
}
