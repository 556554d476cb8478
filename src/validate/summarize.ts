import { describe, type Failure } from '../base/index'
import type { Grades } from './verdict'

/** One sentence for people. It says what each grade proves, and no more. */
export function summarizeValid(grades: Grades, refusal: Failure | undefined): string {
  const admission = refusal ? `but not admitted here (${reason(refusal)})` : 'and admitted'
  return `Valid ${admission}: well formed and signed by its author; ${summarizeGrades(grades)}.`
}

function reason({ message, ...refusal }: Failure): string {
  return message === undefined ? describe(refusal) : `${describe(refusal)}: ${message}`
}

/** `until` in milliseconds since the Unix epoch. */
export function summarizeDeferred(time: number, until: number, grades: Grades): string {
  const dates = `dated ${iso(time)}, later than this node's clock allows before ${iso(until)}`
  return `Valid but deferred: ${dates}; well formed and signed by its author; ${summarizeGrades(grades)}.`
}

export function summarizeInvalid(failure: Failure): string {
  const words = sentence(failure)
  return `Invalid (${describe(failure)})${words === undefined ? '' : `: ${words}`}.`
}

/** What the facts do not say already. */
function sentence(failure: Failure): string | undefined {
  const { code, field = 'a value', limit, message } = failure
  if (message !== undefined && message !== describe(failure)) return message
  return code === 'out-of-range' && limit !== undefined ? `${field} lies outside of ${limit}` : undefined
}

function summarizeGrades(grades: Grades): string {
  const { notBefore, notAfter, proven } = grades
  const parts = [summarizeSky(grades)]
  if (notBefore) parts.push(`made after ${iso(notBefore.time)}, when its beacon round came out`)
  if (notAfter) {
    const { time, witnesses, of } = notAfter
    parts.push(`in existence by ${iso(time)}, if ${witnesses.length} of ${of} named witnesses are to be believed`)
  }
  if (proven) parts.push(`in existence by ${iso(proven.time)}, if ${proven.by} is to be believed`)
  if (grades.observed)
    parts.push('observed from the claimed place, if the device that the policy trusts is to be believed')
  if (grades.selfReported) parts.push('its sights fit the claimed place, which anyone can make up')
  return parts.join('; ')
}

function summarizeSky({ consistent }: Grades): string {
  if (!consistent) return 'no sky was verified'
  return `its sky is consistent with the claimed time and place (worst residual ${consistent.worst.toFixed(2)}″), which anyone can compute`
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
