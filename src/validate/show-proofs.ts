import type { Failure } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import { gradeTimeProofs } from './evidence/time-proof'
import type { EvidenceSource } from './evidence-source'
import { firstLack, missing, type Show } from './lack'
import type { PolicyRefusal } from './policy'
import type { Ignored } from './verdict'

/** Of the author the proofs, and of everybody, that are looked at: a flood of others' never hides the author's own. */
const OWN = 4
const ANYONE = 12

/** Grade `proven`: an outside standard that the policy believes shows that the block existed by some time. */
export const showProofs: Show = async (rules, block, { checks, evidence, proofs, maxSkew }) => {
  if (proofs === undefined) return { grades: {} }
  const pieces = await proofsOf(block, evidence)
  const { result, ignored } = await gradeTimeProofs(block, pieces, proofs)
  const measure = ignored.length === 0 ? {} : { ignored: ignored.map(explained) }
  if (!result.ok) {
    const refusal = firstLack(rules, () => (pieces.length === 0 ? missing('timeproof', 'a time proof') : result.error))
    if (refusal) checks.failed('proofs', refusal as Failure, measure)
    else checks.skipped('proofs', 'no proof about the block holds')
    return { grades: {}, ...(refusal && { refusal }) }
  }
  const { gap, by, time } = result.value
  const bounds = rules.map(({ require }) => require.proven!.maxGap ?? Infinity)
  const refusal = firstLack(rules, ({ require }) => outOfBounds(gap, require.proven!.maxGap ?? Infinity, maxSkew))
  const measured = { ...measure, residual: gap, ...(bounds.length > 0 && { tolerance: Math.min(...bounds) }) }
  if (refusal) checks.failed('proofs', refusal as Failure, measured)
  else checks.passed('proofs', `in existence by ${new Date(time).toISOString()}, by ${by}`, measured)
  return { grades: { proven: result.value }, ...(refusal && { refusal }) }
}

async function proofsOf({ id, author }: VerifiedBlock, evidence: EvidenceSource): Promise<readonly VerifiedBlock[]> {
  const found = await Promise.all([
    evidence.about(id, { kind: 'timeproof', author, limit: OWN }),
    evidence.about(id, { kind: 'timeproof', limit: ANYONE }),
  ])
  return [...new Map(found.flat().map(block => [block.id, block])).values()]
}

function explained({ id, error }: { readonly id: string; readonly error: Failure }): Ignored {
  return { id, code: error.code, detail: error.message ?? error.code }
}

function outOfBounds(gap: number, maxGap: number, maxSkew: number): PolicyRefusal | undefined {
  if (gap > maxGap) {
    const message = `the earliest proof is of ${gap} ms after the claimed time, and ${maxGap} ms are allowed`
    return { code: 'proof-gap', field: 'timeproof', message }
  }
  if (gap >= -maxSkew) return undefined
  const message = `the block existed ${-gap} ms before its claimed time, as a proof shows: it cannot be true`
  return { code: 'proof-gap', field: 'timeproof', message }
}
