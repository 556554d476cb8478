import type { Failure } from '../base/index'
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
