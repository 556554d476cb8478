import { describe, type Failure } from '../base/index'
import type { Grades } from './verdict'

/** One sentence for people. It never claims more for a sky than consistency. */
export function summarizeValid(grades: Grades, refusal: Failure | undefined): string {
  const admission = refusal ? `but not admitted here (${describe(refusal)})` : 'and admitted'
  return `Valid ${admission}: well formed and signed by its author; ${summarizeSky(grades)}.`
}

/** `until` in milliseconds since the Unix epoch. */
export function summarizeDeferred(time: number, until: number, grades: Grades): string {
  const dates = `dated ${iso(time)}, later than this node's clock allows before ${iso(until)}`
  return `Valid but deferred: ${dates}; well formed and signed by its author; ${summarizeSky(grades)}.`
}

export function summarizeInvalid(failure: Failure): string {
  return `Invalid (${describe(failure)})${failure.message === undefined ? '' : `: ${failure.message}`}.`
}

function summarizeSky({ consistent }: Grades): string {
  if (!consistent) return 'no sky was verified'
  return `its sky is consistent with the claimed time and place (worst residual ${consistent.worst.toFixed(2)}″), which anyone can compute`
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
