import type { Failure } from '../base/index'
import type { Verdict } from '../validate/index'

/** A verdict after which a block is neither stored nor kept until it is due. */
export type Refused = Extract<Verdict, { status: 'invalid' | 'deferred' }>

/** A deferral with a code is too far ahead to be kept. */
export function isRefused(verdict: Verdict): verdict is Refused {
  return verdict.status === 'invalid' || (verdict.status === 'deferred' && verdict.code !== undefined)
}

export function failureOf(verdict: Refused): Failure {
  const { code = 'time-future', summary: message } = verdict
  return { code, message, ...('field' in verdict && verdict.field !== undefined && { field: verdict.field }) }
}
