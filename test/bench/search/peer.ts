import type { Dataset } from './data'

/** Answers in the library's own form: to turn them into row numbers is not its work. */
export type Search = (query: Float32Array) => unknown

/** An index of another library, filled. */
export interface Peer {
  readonly name: string
  /** Settings of its own knob, from fast to sure; none where it is exact. */
  readonly knobs: readonly number[]
  /** The ten nearest at a setting. */
  at(knob: number): Search
  /** Row numbers of an answer, best first. */
  rows(answer: unknown): readonly number[]
  /** Bytes a vector in memory, if known. */
  readonly bytes?: number
  /** Processor time of one insertion while it was filled, in microseconds, where that was in this run. */
  readonly insertion?: number
  /** Inserts one vector more, where it was filled in another run; after everything else. */
  insert?(row: number, vector: Float32Array): void
  /** The ten nearest of the rows that pass. */
  filtered?(passes: (row: number) => boolean): Search
}

/** `undefined` where the library cannot be had. */
export type OpenPeer = (data: Dataset) => Promise<Peer | undefined>

export const K = 10
/** Vectors that are inserted into full indexes. */
export const INSERTIONS = 1000

/** Processor time of this process in milliseconds: on a machine with other work to do it says more than the clock. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
