import type { ErrorCode } from '../base/index'
import type { VerifiedBlock } from '../block/index'

/** One step of a validation and how it went; `detail` is for people. */
export interface Check {
  readonly name: 'form' | 'author' | 'signature' | 'sky' | 'time' | 'kind' | 'identity' | 'policy'
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly detail?: string
}

/** What the evidence shows, each grade apart. `undefined` means that the block carries no such evidence. */
export interface Grades {
  /** The sky fits the claimed time and place. It proves consistency of the claim, nothing more: anyone can compute a sky. */
  readonly consistent?: {
    readonly profile: string
    readonly tolerance: number
    readonly worst: number
    readonly residuals: Readonly<Record<string, number>>
  }
}

interface Explained {
  readonly checks: readonly Check[]
  readonly grades: Grades
  /** One sentence for people. */
  readonly summary: string
}

/** `invalid` never means policy: it is a pure function of the bytes. `deferred` is verified but dated in the future. */
export type Verdict = Explained &
  (
    | { readonly status: 'valid'; readonly block: VerifiedBlock; readonly admitted: true }
    | {
        readonly status: 'valid'
        readonly block: VerifiedBlock
        readonly admitted: false
        readonly code: ErrorCode
        readonly field?: string
      }
    | {
        readonly status: 'deferred'
        readonly block: VerifiedBlock
        readonly until: number
        /** Why it is not kept until then: `time-future` (too far ahead), `limit` (too many wait). */
        readonly code?: ErrorCode
        readonly field?: string
      }
    | { readonly status: 'invalid'; readonly code: ErrorCode; readonly field?: string }
  )
