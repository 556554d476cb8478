import { isObject, loadOnce, type ErrorCode, type Failure } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { Checklist } from './checklist'
import type { BeaconChain } from './evidence/beacon-chain'
import type { TimeProof } from './evidence/time-proof'
import type { EvidenceSource } from './evidence-source'
import type { Identity } from './identity'
import type { Admit, PolicyRefusal } from './policy'
import type { PolicyData, RuleData } from './read-policy'
import type { Grades } from './verdict'

/** What one judgement works with. */
export interface Context {
  readonly checks: Checklist
  readonly evidence: EvidenceSource
  /** What is known of the author, and whether the block was stored before. */
  readonly identity: Pick<Identity, 'keys' | 'devices' | 'claims' | 'since'>
  readonly stored: boolean
  /** Of the policy, for this block. */
  readonly maxSkew: number
  readonly beacons: readonly BeaconChain[] | undefined
  readonly proofs: readonly TimeProof[] | undefined
  /** Grade everything that there is, asked for or not. */
  readonly explain: boolean
}

/** Why a policy does not admit a block: `isFaulty` where its own function gave no answer. */
export interface Refusal extends PolicyRefusal {
  readonly isFaulty?: boolean
}

/** What a block showed of what the rules require, and what it lacked first. */
export interface Shown {
  readonly refusal?: PolicyRefusal
  readonly grades: Grades
}

/** What a policy says of a block, with all that was graded on the way. */
export interface Judgement extends Shown {
  readonly refusal?: Failure & Pick<Refusal, 'isFaulty'>
}

/** Loaded with the first block that a rule may be for. */
const rulebook = /* @__PURE__ */ loadOnce(() => import('./rulebook'))

/** The rules of a policy whose condition a block meets. */
export async function rulesFor({ rules }: PolicyData, block: VerifiedBlock): Promise<readonly RuleData[]> {
  return rules.length === 0 ? rules : (await rulebook()).matching(rules, block)
}

/**
 * Whether a policy admits a block, by its cheapest questions first: lists of names, then what the rules require, then
 * functions. At once where that settles it. Never rejects for what the policy's own functions do.
 */
export function judge(
  policy: PolicyData,
  rules: readonly RuleData[],
  block: VerifiedBlock,
  grades: Grades,
  context: Context,
): Judgement | Promise<Judgement> {
  const unlisted = offList(policy, block, context)
  if (unlisted) return refused(grades, unlisted)
  if (rules.length === 0 && !context.explain && !policy.admit) return { grades }
  return judgeFurther(policy, rules, block, grades, context)
}

async function judgeFurther(
  policy: PolicyData,
  rules: readonly RuleData[],
  block: VerifiedBlock,
  grades: Grades,
  context: Context,
): Promise<Judgement> {
  const needed = rules.length > 0 || context.explain
  const shown: Shown = needed ? await (await rulebook()).showRequired(rules, block, grades, context) : { grades }
  const refusal = shown.refusal ?? (await askAll([...rules, policy], block, shown.grades))
  return refusal ? refused(shown.grades, refusal) : { grades: shown.grades }
}

function refused(grades: Grades, refusal: Refusal): Judgement {
  return { grades, refusal: { ...refusal, code: refusal.code ?? 'policy' } }
}

type PolicyLists = Pick<PolicyData, 'authors' | 'models' | 'kinds' | 'endedKeys'>

/** The names that a policy lists. */
function offList(
  { authors: { allow, deny } = {}, models, kinds, endedKeys }: PolicyLists,
  block: VerifiedBlock,
  { identity, stored }: Context,
): PolicyRefusal | undefined {
  const names = [block.author, ...identity.keys]
  if (deny && [...names, ...identity.claims].some(name => lists(deny, name))) return { field: 'author' }
  if (allow && !names.some(name => lists(allow, name))) return { field: 'author' }
  const ended = identity.since !== undefined
  if (ended && (endedKeys === 'never' || (endedKeys === 'by-arrival' && !stored))) {
    return { code: 'revoked', field: 'author' }
  }
  if (kinds && !lists(kinds, block.kind)) return { field: 'kind' }
  if (models && isEmbedding(block) && !lists(models, block.embedding.model)) return { field: 'embedding.model' }
  return undefined
}

/** The lists of a policy that was read never change. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

/** Whether a list of names, however long, holds one. */
export function lists(names: readonly string[], name: string): boolean {
  const set = sets.get(names) ?? new Set(names)
  sets.set(names, set)
  return set.has(name)
}

function isEmbedding(block: VerifiedBlock): block is Extract<VerifiedBlock, { kind: 'embedding' }> {
  return block.opaque === undefined && block.kind === 'embedding'
}

type Asker = Pick<RuleData, 'name' | 'admit'>

async function askAll(askers: readonly Asker[], block: VerifiedBlock, grades: Grades): Promise<Refusal | undefined> {
  for (const { admit, name } of askers) {
    const refusal = admit && (await ask(admit, block, grades, name))
    if (refusal) return refusal
  }
  return undefined
}

async function ask(admit: Admit, block: VerifiedBlock, grades: Grades, rule?: string): Promise<Refusal | undefined> {
  try {
    const answer: unknown = await admit(block, grades)
    if (answer === true) return undefined
    if (answer === false) return { field: 'admit' }
    if (!isObject(answer)) return faulty(rule, `answered ${wordFor(answer)}, neither a boolean nor a refusal`)
    const { code, field, message } = answer as PolicyRefusal
    if (field === undefined && message === undefined && code === undefined) return { field: 'admit' }
    return {
      ...(isCode(code) && { code }),
      ...(field !== undefined && { field: String(field) }),
      ...(message !== undefined && { message: String(message) }),
    }
  } catch (error) {
    return faulty(rule, `threw: ${error instanceof Error ? error.message : typeof error}`)
  }
}

function faulty(rule: string | undefined, what: string): Refusal {
  const of = rule === undefined ? '' : ` of rule ${rule}`
  return { field: 'admit', message: `the policy’s admit function${of} ${what}`, isFaulty: true }
}

const wordFor = (answer: unknown) => (answer === undefined || answer === null ? String(answer) : `a ${typeof answer}`)

/** Whether it has the form of a code: what a function answers need not be what its type says. */
function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && /^[a-z0-9-]{1,32}$/.test(code)
}

const AWAITING: readonly (ErrorCode | undefined)[] = [
  'missing-evidence',
  'too-few-witnesses',
  'witness-gap',
  'incomplete-proof',
  'proof-gap',
  'superseded',
  // Too much was to be done at once.
  'limit',
]

/** Whether other blocks may turn a refusal, once they are here. */
export function awaitsEvidence(code: ErrorCode | undefined): boolean {
  return AWAITING.includes(code)
}
