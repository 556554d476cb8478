import { clock as platformClock } from '#platform'
import { fields, flag, func, mapList, record, type Clock, type Failure } from '../base/index'
import type { Block, OpenedBlock, VerifiedBlock } from '../block/index'
import { checkBlock } from './check-block'
import { allOf, type EvidenceSource } from './evidence-source'
import { standing, type ValidationContext } from './identity'
import { judge, type Judgement, rulesFor } from './judge'
import type { Policy } from './policy'
import { readPolicy, type PolicyData, type RuleData } from './read-policy'
import { summarizeDeferred, summarizeInvalid, summarizeValid } from './summarize'
import type { Verdict } from './verdict'
import {
  ONE_BY_ONE,
  reverify,
  verifyBytes,
  verifyOpened,
  type Steps,
  type Verification,
  type VerifySignature,
} from './verify-bytes'

/**
 * How far beyond `maxSkew` a block may be dated and still be worth keeping until it is due, in milliseconds. Later ones
 * are deferred with the code `time-future`: not queued, not fetched until due.
 */
export const DEFERRAL_WINDOW = 86_400_000

export interface ValidatorOptions {
  /** Where to find what other blocks say about a block; a `SyncClient` adds its own store. Default: nowhere. */
  readonly evidence?: EvidenceSource
  /** Grades all evidence that there is, also what the policy does not ask for. Default false: evidence costs time. */
  readonly explain?: boolean
  /**
   * Checks Ed25519 signatures in place of `verifySignature`, whose answers it must give (ZIP-215). For simulations, which may
   * not leave the thread, and hardware.
   */
  readonly verify?: VerifySignature
}

/** A verification whose bytes were accepted. */
interface Accepted extends Omit<Verification, 'result'> {
  readonly block: VerifiedBlock
}

/**
 * Verifies blocks and says which of them this node admits.
 *
 * *Verified* is a pure function of the bytes: form, author key, signature (Ed25519, ZIP-215), and the sky within its
 * profile. *Admitted* is this node's judgement by its policy, its clock and the evidence that it has. Only a failed
 * verification is `invalid`; a block of the future is `deferred`; a block that the policy refuses, or whose kind or sky
 * profile is unknown here, is `valid` and not admitted. A sky that fits shows that the claim is consistent: anyone can
 * compute one.
 *
 * @example
 * ```ts
 * const validator = new CosmicValidator({ require: { consistent: true } })
 * const verdict = await validator.validate(bytes)
 * console.log(verdict.summary)
 * if (verdict.status === 'valid' && verdict.admitted) console.log(verdict.block.author)
 * ```
 */
export class CosmicValidator {
  readonly #policy: PolicyData
  readonly #options: ValidatorOptions
  readonly #clock: Clock
  readonly #steps: Steps

  /**
   * @throws CosmicError with the field, such as `rules[0].when.tags`, for a policy that is misspelt or impossible:
   *   `unknown-field`, `missing-field`, `bad-type`, `bad-value`, `out-of-range`, `bad-did`, `limit`
   */
  constructor(policy: Policy = {}, options: ValidatorOptions = {}) {
    this.#policy = readPolicy(policy)
    this.#options = readOptions(options, 'options')
    this.#clock = this.#policy.clock ?? platformClock
    const { verify } = options
    // Which may keep the message: the buffer that it stands in serves other blocks later.
    this.#steps = verify
      ? { ...ONE_BY_ONE, verify: (key, message, signature) => verify(key, message.slice(), signature) }
      : ONE_BY_ONE
  }

  /** The same validator with one more source of evidence. */
  withEvidence(source: EvidenceSource): CosmicValidator {
    fields(source, 'source')
    const { evidence } = this.#options
    const { witnesses: _, ...policy } = this.#policy
    return new CosmicValidator(policy, {
      ...this.#options,
      evidence: evidence ? allOf(evidence, source) : source,
    })
  }

  /**
   * Judges an envelope, or the `bytes` of a block, whose other fields are not believed. The bytes are copied first.
   * Resolves for every input, whatever its bytes and whatever the policy's functions do; rejects only as the evidence
   * source does, and with `bad-type` for a context that is none. With `identities`, a block of a key that ended before, or of a contested identity, is not admitted:
   * `revoked`, `contested`.
   */
  async validate(input: Uint8Array | Block, context: ValidationContext = {}): Promise<Verdict> {
    const envelope = input instanceof Uint8Array ? input : ((input as Block | null)?.bytes as Uint8Array)
    return this.#conclude(await verifyBytes(envelope, this.#steps), context)
  }

  /**
   * `validate` of many that `openBlock` made, in their order: signatures are proven together, beside the calling thread.
   *
   * @internal
   */
  async validateOpened(opened: readonly OpenedBlock[], context: ValidationContext = {}): Promise<readonly Verdict[]> {
    const verifications = this.#options.verify
      ? await Promise.all(opened.map(each => verifyBytes(each, this.#steps)))
      : await verifyOpened(opened)
    const verdicts = mapList(verifications, each => this.#conclude(each, context))
    return verdicts.every(isSettled) ? verdicts : Promise.all(verdicts.map(async verdict => verdict))
  }

  #conclude(verification: Verification, context: ValidationContext): Verdict | Promise<Verdict> {
    const { result, checks, grades, unknown } = verification
    return result.ok
      ? this.#judge({ block: result.value, checks, grades, unknown }, context)
      : invalid(verification, result.error)
  }

  /**
   * Judges a block anew that was verified before, by the clock and the evidence of now: what its bytes decided is not
   * repeated. Of blocks that this library's own functions gave back, never of others.
   */
  async regrade(block: VerifiedBlock, context: ValidationContext = {}): Promise<Verdict> {
    checkBlock(block)
    const { checks, grades, unknown } = await reverify(block)
    return this.#judge({ block, checks, grades, unknown }, context)
  }

  /** Milliseconds by which a block may be dated after this validator's clock, unless a rule is stricter. */
  get maxSkew(): number {
    return this.#policy.maxSkew
  }

  /** False when the policy asks nothing that other blocks can show. */
  get usesEvidence(): boolean {
    return this.#policy.witnesses.size > 0 || this.#policy.proofs !== undefined || this.#asksCurrent
  }

  /** False when the policy asks nothing of an author’s identity but that it has not ended and is not contested. */
  get usesIdentities(): boolean {
    const { authors, endedKeys = 'by-date', witnesses } = this.#policy
    return authors !== undefined || endedKeys !== 'by-date' || witnesses.size > 0
  }

  /**
   * Ids of the blocks whose verdict may be another one now that this block is here. A witness of a batch answers its own:
   * the inclusions about it lead on. A later version answers those that it replaced.
   */
  affectedBy(evidence: VerifiedBlock): readonly string[] {
    checkBlock(evidence)
    if (evidence.opaque || !this.usesEvidence) return []
    const replaced = (this.#asksCurrent && evidence.supersedes) || []
    return [...replaced, ...this.#shownBy(evidence)]
  }

  /** Ids of the blocks about which a block is evidence. */
  #shownBy(evidence: Exclude<VerifiedBlock, { opaque: true }>): readonly string[] {
    if (evidence.kind === 'inclusion') return [evidence.inclusion.block]
    if (evidence.kind === 'timeproof') return this.#policy.proofs ? [evidence.timeproof.block] : []
    if (evidence.kind !== 'witness' || !this.#policy.witnesses.has(evidence.author)) return []
    return [evidence.witness.block ?? evidence.id]
  }

  get #asksCurrent(): boolean {
    return this.#policy.rules.some(({ require }) => require.current)
  }

  /** Without waiting where the policy asks nothing that has to be waited for. */
  #judge(accepted: Accepted, context: ValidationContext): Verdict | Promise<Verdict> {
    fields(context, 'context')
    const { rules } = this.#policy
    if (rules.length === 0) return this.#judgeBy(rules, accepted, context)
    return rulesFor(this.#policy, accepted.block).then(matching => this.#judgeBy(matching, accepted, context))
  }

  #judgeBy(rules: readonly RuleData[], accepted: Accepted, context: ValidationContext): Verdict | Promise<Verdict> {
    const { block, checks, grades, unknown } = accepted
    const now = this.#clock.now()
    const maxSkew = rules.reduce((least, rule) => Math.min(least, rule.maxSkew ?? Infinity), this.#policy.maxSkew)
    const due = block.time - maxSkew
    if (due > now) return deferred(accepted, due, now)
    checks.passed('time', 'within the clock skew that the policy allows')
    const unfit = unknown ?? checkIdentity(accepted, context)
    if (unfit) return valid(accepted, unfit)
    if (isExpired(block, now)) return valid(accepted, refused(accepted, EXPIRED))

    const { evidence = NOWHERE, explain = false } = this.#options
    const { beacons, proofs } = this.#policy
    const { identities, stored = false } = context
    const identity = identities?.resolve(block.author) ?? NOBODY
    const judging = { checks, evidence, identity, stored, maxSkew, beacons, proofs, explain }
    const judgement = judge(this.#policy, rules, block, grades, judging)
    const conclude = ({ grades, refusal }: Judgement) => {
      const graded = { block, checks, grades, unknown }
      if (refusal) return valid(graded, refused(graded, refusal))
      checks.passed('policy', 'admitted')
      return valid(graded)
    }
    return judgement instanceof Promise ? judgement.then(conclude) : conclude(judgement)
  }
}

const readOptions = /* @__PURE__ */ record<ValidatorOptions>({
  evidence: (value, path) => fields(value, path) as unknown as EvidenceSource,
  explain: flag,
  verify: func,
})

function isSettled(verdict: Verdict | Promise<Verdict>): verdict is Verdict {
  return !(verdict instanceof Promise)
}

const NOWHERE = allOf()
const NOBODY = { keys: [], devices: [], claims: [] }
const EXPIRED: Failure = { code: 'expired', field: 'expires', message: 'expired' }

function checkIdentity({ block, checks }: Accepted, { identities }: ValidationContext): Failure | undefined {
  if (!identities) {
    checks.skipped('identity', 'no profiles are known here')
    return undefined
  }
  const identity = identities.resolve(block.author)
  const isAbout = !block.opaque && (block.kind === 'profile' || block.kind === 'rotation')
  const failure = standing(identity, block) ?? (isAbout ? identities.objection(block) : undefined)
  if (failure) checks.failed('identity', failure)
  else checks.passed('identity', `${identity.status}, as far as the profiles known here tell`)
  return failure
}

function isExpired(block: Block, now: number): boolean {
  return !block.opaque && block.expires !== undefined && block.expires <= now
}

function refused({ checks }: Accepted, { isFaulty, ...refusal }: NonNullable<Judgement['refusal']>): Failure {
  checks.failed('policy', refusal, isFaulty ? { isFaulty } : {})
  return refusal
}

function valid({ block, checks, grades }: Accepted, refusal?: Failure): Verdict {
  const [list, summary] = [checks.list(), summarizeValid(grades, refusal)]
  if (refusal === undefined) return { status: 'valid', block, admitted: true, checks: list, grades, summary }
  return { status: 'valid', block, admitted: false, ...codeAndField(refusal), checks: list, grades, summary }
}

function invalid({ checks, grades }: Verification, failure: Failure): Verdict {
  const summary = summarizeInvalid(failure)
  return { status: 'invalid', ...codeAndField(failure), checks: checks.list(), grades, summary }
}

function deferred({ block, checks, grades }: Accepted, until: number, now: number): Verdict {
  const measure = { residual: block.time - now, tolerance: block.time - until }
  checks.failed('time', { code: 'time-future', field: 'time', limit: until }, measure)
  const summary = summarizeDeferred(block.time, until, grades)
  const code = until - now > DEFERRAL_WINDOW ? { code: 'time-future' as const } : {}
  return { status: 'deferred', block, until, ...code, checks: checks.list(), grades, summary }
}

function codeAndField({ code, field }: Failure): Pick<Failure, 'code' | 'field'> {
  return field === undefined ? { code } : { code, field }
}
