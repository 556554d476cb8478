import { CosmicError, fields, refuse } from '../base/index'
import type { SeededRandom } from './seeded-random'

/** How messages travel from one host to another. Times are milliseconds. */
export interface LinkConditions {
  /** Least and usual delay of a message; one in twenty takes up to `tail`. */
  readonly latency: readonly [least: number, usual: number]
  readonly tail: number
  /** Bytes a millisecond; `Infinity` by default. */
  readonly bandwidth: number
  /**
   * Chance of each packet of 1,400 bytes to be lost. The layer below a `Connection` repeats it (and hides doubled and
   * overtaking packets): what a loss costs is time, and after eight in a row the connection.
   */
  readonly loss: number
  /** Chance of a dial to fail at once. */
  readonly dialFailure: number
}

export const CONDITIONS = {
  lan: { latency: [0.2, 1], tail: 5, bandwidth: Infinity, loss: 0, dialFailure: 0 },
  internet: { latency: [10, 60], tail: 400, bandwidth: 2_000, loss: 0.002, dialFailure: 0.01 },
  mobile: { latency: [40, 200], tail: 2_000, bandwidth: 200, loss: 0.02, dialFailure: 0.1 },
  satellite: { latency: [280, 330], tail: 900, bandwidth: 500, loss: 0.005, dialFailure: 0.02 },
} as const satisfies Record<string, LinkConditions>

/** First wait before a lost packet is sent again; each further one doubles it. */
const RETRANSMIT_MS = 200
const MOST_LOSSES = 8
const PACKET_BYTES = 1_400

/** What a message of so many bytes meets on its way: a delay, or so many losses that the connection breaks. */
export function drawDelay(conditions: LinkConditions, bytes: number, random: SeededRandom): number | 'broken' {
  const { latency, tail, loss } = conditions
  const [least, usual] = latency
  const [from, to] = tail > usual && random.chance(0.05) ? [usual, tail] : [least, usual]
  let delay = from + (random.below(1_000) / 1_000) * (to - from)
  if (loss === 0) return delay
  let packets = Math.max(1, Math.ceil(bytes / PACKET_BYTES))
  for (let losses = 0; random.chance(1 - (1 - loss) ** packets); losses++) {
    if (losses === MOST_LOSSES) return 'broken'
    delay += RETRANSMIT_MS * 2 ** losses
    // Only what was lost is sent again.
    packets = Math.max(1, packets * loss)
  }
  return delay
}

/** Throws `bad-type` or `out-of-range` with the field. */
export function checkConditions(conditions: Partial<LinkConditions>, path = 'conditions'): void {
  fields(conditions, path)
  const { latency = [0, 0], tail = 0, bandwidth = 1, loss = 0, dialFailure = 0 } = conditions
  if (!Array.isArray(latency) || latency.length !== 2) refuse('bad-type', `${path}.latency`, 'two numbers')
  const [least, usual] = latency as readonly [number, number]
  const outOfRange = (field: string, limit: string) => {
    throw new CosmicError({ code: 'out-of-range', field: `${path}.${field}`, limit })
  }
  if (!(least >= 0 && usual >= least && Number.isFinite(usual))) outOfRange('latency', '0 ≤ least ≤ usual')
  if (!(tail >= 0 && Number.isFinite(tail))) outOfRange('tail', '0 or more')
  if (!(bandwidth > 0)) outOfRange('bandwidth', 'above 0')
  if (!(loss >= 0 && loss < 1)) outOfRange('loss', '0 to below 1')
  if (!(dialFailure >= 0 && dialFailure <= 1)) outOfRange('dialFailure', '0 to 1')
}
