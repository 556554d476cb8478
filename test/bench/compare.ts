import type { BenchResult } from './benchmark'

/** One operation; `turn` counts up, so that each call can take fresh input. */
export type Operation = (turn: number) => unknown

export interface Comparison {
  readonly case: string
  readonly ours: Operation
  readonly peers: Readonly<Record<string, Operation>>
  /** Units of work in one call of each contestant (default 1). */
  readonly perCall?: number
  /** Timed rounds (default 7). The medians of the rounds are compared. */
  readonly rounds?: number
  /** Length of one round of one contestant, in milliseconds (default 250). */
  readonly roundMs?: number
}

/**
 * Operations a second of ours and of every peer. After one round of warm-up the contestants take turns, round by round, so
 * that a drift of the machine's speed meets all of them.
 */
export async function compare({
  perCall = 1,
  rounds = 7,
  roundMs = 250,
  ...comparison
}: Comparison): Promise<BenchResult> {
  const contestants = [comparison.ours, ...Object.values(comparison.peers)]
  const rates = contestants.map((): number[] => [])
  for (const operation of contestants) await rate(operation, roundMs)
  for (let round = 0; round < rounds; round++) {
    for (const [index, operation] of contestants.entries()) rates[index]!.push(await rate(operation, roundMs))
  }
  const [value = 0, ...others] = rates.map(median)
  const ratios = Object.keys(comparison.peers).map(
    (peer, index) => [peer, significant(value / others[index]!)] as const,
  )
  return {
    case: comparison.case,
    value: significant(value * perCall),
    unit: 'op/s',
    ratios: Object.fromEntries(ratios),
  }
}

/** Calls for `milliseconds` and answers calls a second. The clock is read every few calls, the count doubling while it is cheap. */
async function rate(operation: Operation, milliseconds: number): Promise<number> {
  const start = performance.now()
  let calls = 0
  let batch = 1
  for (;;) {
    for (let i = 0; i < batch; i++) {
      const answer = operation(calls++)
      if (answer instanceof Promise) await answer
    }
    const elapsed = performance.now() - start
    if (elapsed >= milliseconds) return (calls * 1000) / elapsed
    if (elapsed < milliseconds / 16) batch *= 2
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Three significant digits: a run does not repeat to more. */
function significant(value: number): number {
  return Number(value.toPrecision(3))
}
