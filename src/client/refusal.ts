import type { ErrorCode, Failure } from '../base/index'
import { isUnkept, type UnkeptVerdict } from '../ingest/index'
import type { Verdict } from '../validate/index'

/** A verdict after which a block is neither stored nor kept until it is due. */
export type Refused = Extract<Verdict, { status: 'invalid' | 'deferred' }> | UnkeptVerdict

/** A deferral with a code is too far ahead to be kept, or finds no room. */
export function isRefused(verdict: Verdict): verdict is Refused {
  const isPutOff = verdict.status === 'deferred' && verdict.code !== undefined
  return verdict.status === 'invalid' || isPutOff || isUnkept(verdict)
}

export function failureOf(verdict: Refused): Failure {
  const { code = 'time-future', summary: message } = verdict
  return { code, message, ...('field' in verdict && verdict.field !== undefined && { field: verdict.field }) }
}

/** What became of a block that was published. */
export interface Published {
  readonly id: string
  /** Absent where it is admitted: found and read from now on. `deferred`: it is dated ahead, and waits; `not-admitted`: stored only. */
  readonly reason?: 'deferred' | 'not-admitted'
  /** Of a deferred one: when it is judged, in milliseconds. */
  readonly until?: number
  /** Of one that is not admitted: what the policy lacks. */
  readonly code?: ErrorCode
}

/** Of a verdict that is no refusal. */
export function publishedOf(verdict: Exclude<Verdict, { status: 'invalid' }>): Published {
  const { id } = verdict.block
  if (verdict.status === 'deferred') return { id, reason: 'deferred', until: verdict.until }
  return verdict.admitted ? { id } : { id, reason: 'not-admitted', code: verdict.code }
}
