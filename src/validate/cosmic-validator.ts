import { clock as platformClock } from '#platform'
import type { Clock, Failure } from '../base/index'
import type { Block, VerifiedBlock } from '../block/index'
import { standing, type ValidationContext } from './identity'
import { preparePolicy, type Policy, type PolicyRefusal, type PreparedPolicy } from './policy'
import { summarizeDeferred, summarizeInvalid, summarizeValid } from './summarize'
import type { Verdict } from './verdict'
import { verifyBytes, type Verification } from './verify-bytes'

/**
 * How far beyond `maxSkew` a block may be dated and still be worth keeping until it is due, in milliseconds. Later ones
 * are deferred with the code `time-future`: not queued, not fetched until due.
 */
export const DEFERRAL_WINDOW = 86_400_000

/** A verification whose bytes were accepted. */
type Accepted = Verification & { readonly block: VerifiedBlock }

/**
 * Verifies blocks and says which of them this node admits.
 *
 * *Verified* is a pure function of the bytes: form, author key, signature (Ed25519, ZIP-215), and the sky within its
 * profile. *Admitted* is this node's judgement by its policy and clock. Only a failed verification is `invalid`; a
 * block of the future is `deferred`; a block that the policy refuses, or whose kind or sky profile is unknown here, is
 * `valid` and not admitted. A sky that fits shows that the claim is consistent: anyone can compute one.
 *
 * @example
 * ```ts
 * const validator = new CosmicValidator({ requireSky: true })
 * const verdict = await validator.validate(bytes)
 * console.log(verdict.summary)
 * if (verdict.status === 'valid' && verdict.admitted) console.log(verdict.block.author)
 * ```
 */
export class CosmicValidator {
  readonly #policy: PreparedPolicy
  readonly #clock: Clock

  /** @throws CosmicError `out-of-range` for an impossible `maxSkew` */
  constructor(policy: Policy = {}) {
    this.#policy = preparePolicy(policy)
    this.#clock = policy.clock ?? platformClock
  }

  /**
   * Judges an envelope, or the `bytes` of a block, whose other fields are not believed. The bytes are copied first.
   * Resolves for every input, whatever its bytes and whatever the policy's function does. With `identities`, a block of a
   * key that ended before, or of a contested identity, is not admitted: `revoked`, `contested`.
   */
  async validate(input: Uint8Array | Block, context: ValidationContext = {}): Promise<Verdict> {
    const verification = await verifyBytes(input instanceof Uint8Array ? input : input.bytes)
    const { result, checks, grades } = verification
    if (!result.ok) return invalid(verification, result.error)

    const block = result.value
    const now = this.#clock.now()
    const due = block.time - this.#policy.maxSkew
    if (due > now) return deferred({ ...verification, block }, due, now)
    checks.passed('time', 'within the clock skew that the policy allows')

    const refusal = await this.#refusal({ ...verification, block }, now, context)
    const explained = { checks: checks.list(), grades, summary: summarizeValid(grades, refusal) }
    if (refusal === undefined) return { status: 'valid', block, admitted: true, ...explained }
    return { status: 'valid', block, admitted: false, ...codeAndField(refusal), ...explained }
  }

  async #refusal(accepted: Accepted, now: number, context: ValidationContext): Promise<Failure | undefined> {
    const { block, checks, grades, unknown } = accepted
    const refused = unknown ?? checkIdentity(accepted, context)
    if (refused) return refused
    const expired: PolicyRefusal | undefined = isExpired(block, now)
      ? { field: 'expires', message: 'expired' }
      : undefined
    const refusal = expired ?? (await this.#policy.judge(block, grades, context))
    if (refusal === undefined) {
      checks.passed('policy', 'admitted')
      return undefined
    }
    const failure: Failure = { ...refusal, code: refusal.code ?? 'policy' }
    checks.failed('policy', failure)
    return failure
  }
}

function checkIdentity({ block, checks }: Accepted, { identities }: ValidationContext): Failure | undefined {
  if (!identities) {
    checks.skipped('identity', 'no profiles are known here')
    return undefined
  }
  const { status, ...identity } = identities.resolve(block.author)
  const isAbout = !block.opaque && (block.kind === 'profile' || block.kind === 'rotation')
  const failure = standing({ status, ...identity }, block) ?? (isAbout ? identities.objection(block) : undefined)
  if (failure) checks.failed('identity', failure)
  else checks.passed('identity', `${status}, as far as the profiles known here tell`)
  return failure
}

function isExpired(block: Block, now: number): boolean {
  return !block.opaque && block.expires !== undefined && block.expires <= now
}

function invalid({ checks, grades }: Verification, failure: Failure): Verdict {
  const summary = summarizeInvalid(failure)
  return { status: 'invalid', ...codeAndField(failure), checks: checks.list(), grades, summary }
}

function deferred({ block, checks, grades }: Accepted, until: number, now: number): Verdict {
  checks.failed('time', { code: 'time-future', field: 'time', limit: until })
  const summary = summarizeDeferred(block.time, until, grades)
  const code = until - now > DEFERRAL_WINDOW ? { code: 'time-future' as const } : {}
  return { status: 'deferred', block, until, ...code, checks: checks.list(), grades, summary }
}

function codeAndField({ code, field }: Failure): Pick<Failure, 'code' | 'field'> {
  return field === undefined ? { code } : { code, field }
}
