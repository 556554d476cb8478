import { Cid, fail, ok, unwrap, type Failure, type Result } from '../../base/index'
import { isIncluded, type Block, type InclusionBlock, type WitnessBlock } from '../../block/index'

/** Whose countersignatures a policy believes. */
export interface WitnessRule {
  /** did:key names of the n witnesses. */
  readonly witnesses: readonly string[]
  /** How many of them it takes, k; default 1. */
  readonly required?: number
  /**
   * Whether a key stands for the block's author without being its key, as another device of the same identity does. Such a
   * witness does not count either.
   */
  readonly isAuthor?: (did: string) => boolean
}

/** Grade `not-after`: k of the witnesses that the policy names saw the block by then. */
export interface NotAfter {
  /** Milliseconds since the Unix epoch: the k-th smallest of the witnesses' own times. */
  readonly time: number
  /** Milliseconds from the claimed time to `time`: below 0 when the block was seen before it claims to have been made. */
  readonly gap: number
  readonly required: number
  /** Those who saw it, each once with its earliest statement, in the order of their times. */
  readonly witnesses: readonly Sighting[]
}

export interface Sighting {
  /** did:key of the witness. */
  readonly author: string
  readonly time: number
  /** Id of the `witness` block. */
  readonly id: string
}

/** What evidence says of a block, and which of its parts say nothing, each with the reason. */
export interface Finding<Grade> {
  readonly result: Result<Grade>
  readonly ignored: readonly { readonly id: string; readonly error: Failure }[]
}

/**
 * Counts the witnesses of a block. `evidence` holds verified `witness` and `inclusion` blocks, in any order; what is about
 * other blocks is passed over. Fails with `too-few-witnesses`. Ignored, with their codes: `witness-author` (nobody witnesses
 * for itself), `witness-unnamed`, `bad-inclusion` (the path does not lead to the root), `missing-witness` (an inclusion
 * whose witness block is not at hand).
 *
 * A countersignature binds its author, not time: it is worth what the named witnesses' clocks and honesty are worth, which is
 * why k of them are asked for, and why the k-th smallest time counts: at least one honest witness among k saw the block by
 * then, as long as fewer than k lie.
 */
export function gradeWitnesses(block: Block, evidence: readonly Block[], rule: WitnessRule): Finding<NotAfter> {
  const { required = 1 } = rule
  const ignored: { id: string; error: Failure }[] = []
  const earliest = new Map<string, Sighting>()
  for (const [piece, statement] of statementsOn(block, evidence)) {
    const error = statement.ok ? refusalOf(statement.value, block, rule) : statement.error
    if (error) ignored.push({ id: piece.id, error })
    if (error || !statement.ok) continue
    const { author, time, id } = statement.value
    if (time < (earliest.get(author)?.time ?? Infinity)) earliest.set(author, { author, time, id })
  }
  const witnesses = [...earliest.values()].sort((a, b) => a.time - b.time || (a.author < b.author ? -1 : 1))
  const last = witnesses[required - 1]
  if (last === undefined) return { result: fail(tooFew(witnesses.length, required)), ignored }
  return { result: ok({ time: last.time, gap: last.time - block.time, required, witnesses }), ignored }
}

type Statement = readonly [piece: Block, statement: Result<WitnessBlock>]

/** The pieces of evidence that are about this block, each with the witness block that it amounts to. */
function* statementsOn({ id }: Block, evidence: readonly Block[]): Generator<Statement> {
  const batches = new Map<string, WitnessBlock>()
  for (const piece of evidence) if (isWitness(piece) && piece.witness.root) batches.set(piece.id, piece)
  for (const piece of evidence) {
    if (isWitness(piece) && piece.witness.block === id) yield [piece, ok(piece)]
    if (isInclusion(piece) && piece.inclusion.block === id) yield [piece, batchOf(piece, batches)]
  }
}

function batchOf({ inclusion }: InclusionBlock, batches: ReadonlyMap<string, WitnessBlock>): Result<WitnessBlock> {
  const batch = batches.get(inclusion.witness)
  if (batch?.witness.root === undefined) {
    return fail({ code: 'missing-witness', message: 'the witness of the batch that holds the block is not at hand' })
  }
  const { root, size } = batch.witness
  const leaf = unwrap(Cid.parse(inclusion.block)).bytes
  if (isIncluded(leaf, { ...inclusion, size }, root)) return ok(batch)
  return fail({
    code: 'bad-inclusion',
    message: 'the path does not lead from the block to the root that was witnessed',
  })
}

function refusalOf({ author }: WitnessBlock, block: Block, { witnesses, isAuthor }: WitnessRule): Failure | undefined {
  if (author === block.author || isAuthor?.(author) === true) {
    return { code: 'witness-author', message: 'the author does not count as a witness of its own block' }
  }
  if (witnesses.includes(author)) return undefined
  return { code: 'witness-unnamed', message: 'the witness is not among those that the policy names' }
}

function tooFew(found: number, required: number): Failure {
  const message = `${found} of the ${required} witnesses that the policy requires have seen the block`
  return { code: 'too-few-witnesses', limit: required, message }
}

function isWitness(block: Block): block is WitnessBlock {
  return block.opaque === undefined && block.kind === 'witness'
}

function isInclusion(block: Block): block is InclusionBlock {
  return block.opaque === undefined && block.kind === 'inclusion'
}
