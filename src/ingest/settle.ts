import { mapList } from '../base/index'
import type { PutOutcome } from '../store/index'
import type { Verdict } from '../validate/index'

/** Why a valid block was not stored. */
export type Unkept = 'expired' | 'retracted' | 'pruned' | 'below-floor'

const SUMMARIES: Readonly<Record<Unkept, { readonly field: string; readonly summary: string }>> = {
  expired: { field: 'expires', summary: 'it has expired' },
  retracted: { field: 'id', summary: 'its author withdrew it' },
  pruned: { field: 'id', summary: 'this node removed it to make room, and remembers its id' },
  'below-floor': { field: 'time', summary: 'it is dated before the time from which this node keeps blocks' },
}

type Valid = Verdict & { readonly status: 'valid' }

/** A verdict of the funnel on a valid block that it did not store, and is not to. */
export type UnkeptVerdict = Valid & { readonly admitted: false; readonly code: Unkept }

/** Whether the funnel kept the block of its verdict out of the store. */
export function isUnkept(verdict: Verdict): verdict is UnkeptVerdict {
  return verdict.status === 'valid' && !verdict.admitted && Object.hasOwn(SUMMARIES, verdict.code)
}

/** Whether a valid block's time is over, by the clock here or by the validator's. */
function hasExpired(verdict: Valid, now: number): boolean {
  const { block } = verdict
  if (!verdict.admitted && verdict.code === 'expired') return true
  return !block.opaque && block.expires !== undefined && block.expires <= now
}

/** The verdict of a valid block that is not stored; of a retraction without room, which may come again, a deferral. */
function unkept({ block, checks, grades }: Valid, outcome: Unkept | 'quota', now: number): Verdict {
  if (outcome === 'quota') {
    const summary = 'Valid, but put off: too many retractions wait for the blocks that they withdraw.'
    return { status: 'deferred', block, until: now, code: 'limit', field: 'retractions', checks, grades, summary }
  }
  const { field, summary } = SUMMARIES[outcome]
  const why = `Valid, but not stored: ${summary}.`
  return { status: 'valid', block, admitted: false, code: outcome, field, checks, grades, summary: why }
}

/** Those that the store is to decide on. */
export function isForStore(verdict: Verdict, now: number): boolean {
  return verdict.status === 'valid' && !hasExpired(verdict, now)
}

/** The verdicts with what became of their blocks; `outcomes` are those of the blocks for the store, in order. */
export function settle(verdicts: readonly Verdict[], outcomes: readonly PutOutcome[], now: number): Verdict[] {
  let next = 0
  return mapList(verdicts, verdict => {
    if (verdict.status !== 'valid') return verdict
    if (hasExpired(verdict, now)) return unkept(verdict, 'expired', now)
    const outcome = outcomes[next++]!
    return outcome === 'added' || outcome === 'known' ? verdict : unkept(verdict, outcome, now)
  })
}
