import type { ErrorCode } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { NotBefore } from './evidence/grade-beacon'
import type { NotAfter } from './evidence/grade-witnesses'
import type { SightsGrade } from './evidence/sights'
import type { ProvenNotAfter } from './evidence/time-proof'

/** The steps of a validation, in their order. Those from `versions` to `sights` run only when a policy asks. */
export const CHECKS = [
  'form',
  'author',
  'signature',
  'sky',
  'kind',
  'time',
  'identity',
  'versions',
  'beacon',
  'witnesses',
  'proofs',
  'sights',
  'policy',
] as const

/** One step of a validation and how it went. */
export interface Check {
  readonly name: (typeof CHECKS)[number]
  readonly status: 'passed' | 'failed' | 'skipped'
  /** Failed only: why, for machines. */
  readonly code?: ErrorCode
  /** Failed only: the field of the block, or of the policy, that it failed on. */
  readonly field?: string
  /** `policy` only: an `admit` function threw, or answered with neither a boolean nor a refusal; `detail` says which. */
  readonly isFaulty?: boolean
  /** How far off, where the step measures: arcseconds (`sky`), milliseconds (`beacon`, `proofs`, `time`), metres (`sights`). */
  readonly residual?: number
  /** What the residual was held against, in its unit. */
  readonly tolerance?: number
  /** Evidence that did not count. */
  readonly ignored?: readonly Ignored[]
  /** One plain sentence. */
  readonly detail: string
}

/** A piece of evidence that did not count, and why. */
export interface Ignored {
  /** Of the block that carries it. */
  readonly id: string
  readonly code: ErrorCode
  /** One plain sentence. */
  readonly detail: string
}

/** The sky fits the claimed time and place. It proves consistency of the claim, nothing more: anyone can compute a sky. */
export interface Consistent {
  readonly profile: string
  readonly tolerance: number
  readonly worst: number
  readonly residuals: Readonly<Record<string, number>>
}

/** What the evidence shows, each grade apart. `undefined` means that there is no such evidence, or that nobody asked. */
export interface Grades {
  readonly consistent?: Consistent
  /** The block was made after a round of a public beacon came out, whose signature nobody knew before. */
  readonly notBefore?: NotBefore
  /**
   * Witnesses that the policy names countersigned the block's id, each by its own clock: it existed by then, if they are to
   * be believed. Of several rules, the one that took longest; `of` is how many it names.
   */
  readonly notAfter?: NotAfter & { readonly of: number }
  /** An outside standard that the policy believes shows that the block existed by then. It is worth what the standard is. */
  readonly proven?: ProvenNotAfter
  /** A device that the policy names took sights whose fix holds the claimed place. It is worth what the device is. */
  readonly observed?: SightsGrade
  /** The same from any other key: anyone can make up sights that fit. */
  readonly selfReported?: SightsGrade
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
