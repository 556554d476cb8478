import type { VerifiedBlock } from '../block/index'
import { inRegion } from './in-region'
import { lists, type Context, type Shown } from './judge'
import type { PolicyRefusal } from './policy'
import type { RuleData } from './read-policy'
import type { Region } from './region'
import type { Grades } from './verdict'

/** The rules whose condition a block meets. */
export function matching(rules: readonly RuleData[], block: VerifiedBlock): readonly RuleData[] {
  return rules.filter(({ when: { tags, authors, kinds, region } }) => {
    if (authors && !lists(authors, block.author)) return false
    if (kinds && !lists(kinds, block.kind)) return false
    if (tags && !tags.every(tag => !block.opaque && block.tags?.includes(tag))) return false
    return region === undefined || liesIn(block, region)
  })
}

/** Whether a block shows what all rules require; the first thing that it lacks refuses it, in the name of its rule. */
export async function showRequired(
  rules: readonly RuleData[],
  block: VerifiedBlock,
  grades: Grades,
  _: Context,
): Promise<Shown> {
  for (const rule of rules) {
    const lack = lackOf(rule.require, block, grades) ?? lackOfGrade(rule.require, grades)
    if (lack) return { refusal: inTheNameOf(rule, lack), grades }
  }
  return { grades }
}

/** What a rule asks of the block itself and of its sky. */
function lackOf(require: RuleData['require'], block: VerifiedBlock, grades: Grades): PolicyRefusal | undefined {
  if (require.consistent && !grades.consistent) return missing('sky', 'a sky that was verified')
  const place = block.opaque ? undefined : block.place
  if ((require.place || require.within) && !place) return missing('place', 'a claimed place')
  if (require.within && !liesIn(block, require.within)) {
    return { field: 'place', message: 'the claimed place lies outside the region that the policy asks for' }
  }
  return undefined
}

function lackOfGrade({ notBefore, notAfter }: RuleData['require'], grades: Grades): PolicyRefusal | undefined {
  if (notBefore && !grades.notBefore) return missing('beacon', 'a beacon round')
  if (notAfter && !grades.notAfter) return missing('witnesses', 'witnesses')
  return undefined
}

function liesIn(block: VerifiedBlock, region: Region): boolean {
  return !block.opaque && block.place !== undefined && inRegion(region, block.place)
}

function missing(field: string, what: string): PolicyRefusal {
  return { code: 'missing-evidence', field, message: `the policy asks for ${what}` }
}

function inTheNameOf({ name }: RuleData, refusal: PolicyRefusal): PolicyRefusal {
  return name === undefined ? refusal : { ...refusal, message: `${refusal.message} (rule ${name})` }
}
