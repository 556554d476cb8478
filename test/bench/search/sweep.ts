import type { Point } from '../equal-recall'
import { say } from './cache'
import type { Dataset } from './data'
import { processorTime, type Search } from './peer'
import { recallOf } from './truth'

export interface Contestant {
  readonly name: string
  /** Settings from fast to sure; none where there is nothing to set. */
  readonly knobs: readonly number[]
  at(knob: number): Search
  rows(answer: unknown): readonly number[]
}

export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
}

/** Rounds of one setting, whose median counts, and how long one is at least, in milliseconds of processor time. */
const ROUNDS = 3
const ROUND = 150
/** Where a curve may end. */
const SURE = 0.9995

/** Recall and rate of every setting, until one finds nearly all. */
export async function sweep(
  { name, knobs, at, rows }: Contestant,
  { queries }: Dataset,
  truth: readonly (readonly number[])[],
): Promise<Curve> {
  const points: Point[] = []
  for (const knob of knobs.length > 0 ? knobs : [0]) {
    const search = at(knob)
    const found: (readonly number[])[] = []
    for (const query of queries.slice(0, knobs.length > 0 ? undefined : 5)) found.push(rows(await search(query)))
    const point = { recall: recallOf(found, truth.slice(0, found.length)), rate: await rateOf(search, queries) }
    points.push(point)
    say(
      `${name}${knobs.length > 0 ? `, ${knob}` : ''}: recall ${point.recall.toFixed(4)}, ${point.rate.toFixed(point.rate < 100 ? 1 : 0)}/s`,
    )
    if (point.recall >= SURE) break
  }
  return { name, points }
}

/** Searches a second of processor time. */
export async function rateOf(search: Search, queries: readonly Float32Array[]): Promise<number> {
  const rates: number[] = []
  let turn = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = processorTime()
    let calls = 0
    let elapsed = 0
    // Asking for the time costs up to a tenth of a millisecond.
    for (let batch = 1; elapsed < ROUND;) {
      for (let i = 0; i < batch; i++) {
        const answer = search(queries[turn++ % queries.length]!)
        if (answer instanceof Promise) await answer
      }
      calls += batch
      elapsed = processorTime() - start
      if (elapsed < ROUND / 16) batch *= 2
    }
    rates.push((1000 * calls) / elapsed)
  }
  return rates.sort((a, b) => a - b)[ROUNDS >> 1]!
}
