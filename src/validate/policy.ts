import { CosmicError, type Clock, type ErrorCode } from '../base/index'
import type { VerifiedBlock } from '../block/index'
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
  /** did:key names. `deny` wins over `allow`; without `allow` everybody else is welcome. */
  readonly authors?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] }
  /** Model ids of the embeddings that are admitted; other kinds of block are not concerned. */
  readonly models?: readonly string[]
  readonly kinds?: readonly string[]
  /** The last word on blocks that pass all the above. A throw does not admit. */
  readonly admit?: (block: VerifiedBlock, grades: Grades) => boolean | PolicyRefusal | Promise<boolean | PolicyRefusal>
  /** Default: the runtime's clock. */
  readonly clock?: Clock
}

type Rule = (block: VerifiedBlock, grades: Grades) => PolicyRefusal | undefined

/** A policy made ready: `judge` answers why a block is not admitted, or `undefined`; it never rejects. */
export interface PreparedPolicy {
  readonly maxSkew: number
  judge(block: VerifiedBlock, grades: Grades): Promise<PolicyRefusal | undefined>
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
    async judge(block, grades) {
      for (const rule of rules) {
        const refusal = rule(block, grades)
        if (refusal) return refusal
      }
      return admit && ask(admit, block, grades)
    },
  }
}

function dataRules({ requireSky, authors, models, kinds }: Policy): Rule[] {
  const rules: Rule[] = []
  const rule = (field: string, admits: (block: VerifiedBlock, grades: Grades) => boolean) =>
    rules.push((block, grades) => (admits(block, grades) ? undefined : { field }))

  const [allowed, denied] = [setOf(authors?.allow), setOf(authors?.deny)]
  if (denied) rule('author', block => !denied.has(block.author))
  if (allowed) rule('author', block => allowed.has(block.author))
  const admittedKinds = setOf(kinds)
  if (admittedKinds) rule('kind', block => admittedKinds.has(block.kind))
  const admittedModels = setOf(models)
  if (admittedModels) rule('embedding.model', block => !isEmbedding(block) || admittedModels.has(block.embedding.model))
  if (requireSky) rule('sky', (_, grades) => grades.consistent !== undefined)
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
