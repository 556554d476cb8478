import { CosmicError, type Clock, type ErrorCode } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { Identity, ValidationContext } from './identity'
import type { Grades } from './verdict'

/** Milliseconds by which an author's clock may run ahead of ours when the policy says nothing else. */
export const DEFAULT_MAX_SKEW = 600_000

/** Why a policy does not admit a block. */
export interface PolicyRefusal {
  /** Default `policy`. */
  readonly code?: ErrorCode
  readonly field?: string
  /** For people. */
  readonly message?: string
}

/**
 * Which verified blocks this node admits to search and reading. It never decides whether a block is valid, stored or
 * synced. Everything left out admits.
 *
 * @example
 * ```ts
 * const validator = new CosmicValidator({
 *   requireSky: true,
 *   authors: { deny: ['did:key:z6Mk…'] },
 *   admit: block => block.time > Date.UTC(2026, 0, 1) || { field: 'time', message: 'too old for us' },
 * })
 * ```
 */
export interface Policy {
  /** Milliseconds by which a block may be dated after our clock; later ones are deferred. Default 10 minutes. */
  readonly maxSkew?: number
  /** Only blocks whose sky was verified. */
  readonly requireSky?: boolean
  /**
   * did:key names. `deny` wins over `allow`; without `allow` everybody else is welcome. Any everyday key of an identity
   * names the identity, its devices included; a device names itself alone. `deny` also holds for keys that say of themselves
   * that they belong to it.
   */
  readonly authors?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] }
  /** Model ids of the embeddings that are admitted; other kinds of block are not concerned. */
  readonly models?: readonly string[]
  readonly kinds?: readonly string[]
  /**
   * What counts of a key that was revoked or rotated away, whose thief can date blocks back: `by-date` (default) what is dated
   * before its end; `by-arrival` of this only what came before its end was known here; `never` nothing.
   */
  readonly endedKeys?: 'by-date' | 'by-arrival' | 'never'
  /** The last word on blocks that pass all the above. A throw does not admit. */
  readonly admit?: (block: VerifiedBlock, grades: Grades) => boolean | PolicyRefusal | Promise<boolean | PolicyRefusal>
  /** Default: the runtime's clock. */
  readonly clock?: Clock
}

/** What a rule looks at. */
interface Case {
  readonly block: VerifiedBlock
  readonly grades: Grades
  readonly identity: Pick<Identity, 'keys' | 'claims' | 'since'>
  readonly stored: boolean
}

/** Why it does not admit. */
type Rule = (of: Case) => PolicyRefusal | undefined

/** A policy made ready: `judge` answers why a block is not admitted, or `undefined`; it never rejects. */
export interface PreparedPolicy {
  readonly maxSkew: number
  judge(block: VerifiedBlock, grades: Grades, context?: ValidationContext): Promise<PolicyRefusal | undefined>
}

/**
 * Copies a policy's data, so that later changes to the caller's arrays have no effect.
 *
 * @throws CosmicError `out-of-range` for a `maxSkew` that is negative or not finite
 */
export function preparePolicy(policy: Policy): PreparedPolicy {
  const { maxSkew = DEFAULT_MAX_SKEW, admit } = policy
  if (!(maxSkew >= 0 && maxSkew < Infinity)) {
    throw new CosmicError({ code: 'out-of-range', field: 'maxSkew', limit: '0 … finite' })
  }
  const rules = dataRules(policy)
  return {
    maxSkew,
    async judge(block, grades, { identities, stored = false } = {}) {
      const identity = identities?.resolve(block.author) ?? { keys: [], claims: [] }
      for (const rule of rules) {
        const refusal = rule({ block, grades, identity, stored })
        if (refusal) return refusal
      }
      return admit && ask(admit, block, grades)
    },
  }
}

function dataRules({ requireSky, authors, models, kinds, endedKeys = 'by-date' }: Policy): Rule[] {
  const rules: Rule[] = []
  const rule = (field: string, admits: (of: Case) => boolean, code?: ErrorCode) =>
    rules.push(of => (admits(of) ? undefined : { field, ...(code && { code }) }))

  const [allowed, denied] = [setOf(authors?.allow), setOf(authors?.deny)]
  const names = ({ block, identity }: Case) => [block.author, ...identity.keys]
  if (denied) rule('author', of => ![...names(of), ...of.identity.claims].some(name => denied.has(name)))
  if (allowed) rule('author', of => names(of).some(name => allowed.has(name)))
  if (endedKeys !== 'by-date') {
    rule(
      'author',
      ({ identity, stored }) => identity.since === undefined || (endedKeys === 'by-arrival' && stored),
      'revoked',
    )
  }
  const admittedKinds = setOf(kinds)
  if (admittedKinds) rule('kind', ({ block }) => admittedKinds.has(block.kind))
  const admittedModels = setOf(models)
  if (admittedModels)
    rule('embedding.model', ({ block }) => !isEmbedding(block) || admittedModels.has(block.embedding.model))
  if (requireSky) rule('sky', ({ grades }) => grades.consistent !== undefined)
  return rules
}

function setOf(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names && new Set(names)
}

function isEmbedding(block: VerifiedBlock): block is Extract<VerifiedBlock, { kind: 'embedding' }> {
  return block.opaque === undefined && block.kind === 'embedding'
}

async function ask(
  admit: NonNullable<Policy['admit']>,
  block: VerifiedBlock,
  grades: Grades,
): Promise<PolicyRefusal | undefined> {
  try {
    const answer = await admit(block, grades)
    if (answer === true) return undefined
    return typeof answer === 'object' && answer !== null ? answer : { field: 'admit' }
  } catch (error) {
    return {
      field: 'admit',
      message: `the policy’s admit function threw: ${error instanceof Error ? error.message : typeof error}`,
    }
  }
}
