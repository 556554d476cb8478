import type { Failure } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import { gradeWitnesses, type Finding, type NotAfter } from './evidence/grade-witnesses'
import type { EvidenceSource } from './evidence-source'
import { firstLack, type Show } from './lack'
import type { PolicyRefusal } from './policy'
import type { RuleData } from './read-policy'
import type { Ignored } from './verdict'

/** Of each named witness the earliest statements about a block, and of everybody the inclusions, that are looked at. */
const STATEMENTS = 4
const INCLUSIONS = 16

type Findings = ReadonlyMap<RuleData, Finding<NotAfter>>

const quorum = ({ require }: RuleData) => require.notAfter!

/** Grade `not-after`: enough of the witnesses that each rule names countersigned the block, near enough to its claimed time. */
export const showWitnesses: Show = async (rules, block, { checks, evidence, identity, maxSkew }) => {
  if (rules.length === 0) return { grades: {} }
  const own = new Set([...identity.keys, ...identity.devices])
  const named = [...new Set(rules.flatMap(rule => quorum(rule).of))]
  const pieces = await statementsAbout(block, named, evidence)
  const findings: Findings = new Map(rules.map(rule => [rule, findingOf(rule, block, pieces, own)]))
  const refusal = firstLack(rules, rule => lackOf(rule, findings.get(rule)!, maxSkew))
  const measure = ignoredOf(findings)
  if (refusal) {
    checks.failed('witnesses', refusal as Failure, measure)
    return { grades: {}, refusal }
  }
  const grade = latestOf(rules, findings)
  checks.passed('witnesses', `${grade.witnesses.length} of ${grade.of} named witnesses countersigned it`, measure)
  return { grades: { notAfter: grade } }
}

/** What the named witnesses, and the author, say about a block; a batch's inclusions may come from anyone. */
async function statementsAbout(
  { id, author }: VerifiedBlock,
  named: readonly string[],
  evidence: EvidenceSource,
): Promise<readonly VerifiedBlock[]> {
  const asked = [...new Set([...named, author])]
  const by = (kind: string) =>
    Promise.all(asked.map(each => evidence.about(id, { kind, author: each, limit: STATEMENTS })))
  const [witnesses, own, anyone] = await Promise.all([
    by('witness'),
    by('inclusion'),
    evidence.about(id, { kind: 'inclusion', limit: INCLUSIONS }),
  ])
  const inclusions = [...own.flat(), ...anyone]
  const batches = new Set(
    inclusions.flatMap(block => (!block.opaque && block.kind === 'inclusion' ? [block.inclusion.witness] : [])),
  )
  const found = await Promise.all(Array.from(batches, batch => evidence.get(batch)))
  const all = [...witnesses.flat(), ...inclusions, ...found.filter(block => block !== undefined)]
  return [...new Map(all.map(block => [block.id, block])).values()]
}

/** `own`: the other keys of the author's identity, which do not count. */
function findingOf(
  rule: RuleData,
  block: VerifiedBlock,
  pieces: readonly VerifiedBlock[],
  own: ReadonlySet<string>,
): Finding<NotAfter> {
  const { of, atLeast } = quorum(rule)
  return gradeWitnesses(block, pieces, { witnesses: of, required: atLeast, isAuthor: did => own.has(did) })
}

function lackOf(rule: RuleData, { result }: Finding<NotAfter>, maxSkew: number): PolicyRefusal | undefined {
  if (!result.ok) return { field: 'witnesses', ...result.error }
  const { maxGap = Infinity } = quorum(rule)
  const { gap } = result.value
  if (gap > maxGap) {
    const message = `enough witnesses had seen it ${gap} ms after the claimed time, and ${maxGap} ms are allowed`
    return { code: 'witness-gap', field: 'witnesses', message }
  }
  if (gap >= -maxSkew) return undefined
  const message = `enough witnesses had seen it ${-gap} ms before the claimed time: it cannot be true`
  return { code: 'witness-gap', field: 'witnesses', message }
}

function ignoredOf(findings: Findings): { ignored?: readonly Ignored[] } {
  const ignored = new Map<string, Ignored>()
  for (const finding of findings.values()) {
    for (const { id, error } of finding.ignored) {
      // Whom one rule does not name, another may.
      if (error.code !== 'witness-unnamed')
        ignored.set(id, { id, code: error.code, detail: error.message ?? error.code })
    }
  }
  return ignored.size === 0 ? {} : { ignored: [...ignored.values()] }
}

/** The grade of the rule that was satisfied last. */
function latestOf(rules: readonly RuleData[], findings: Findings): NotAfter & { readonly of: number } {
  const grades = rules.flatMap(rule => {
    const { result } = findings.get(rule)!
    return result.ok ? [{ ...result.value, of: quorum(rule).of.length }] : []
  })
  return grades.reduce((a, b) => (b.time > a.time ? b : a))
}
