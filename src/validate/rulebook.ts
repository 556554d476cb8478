import type { VerifiedBlock } from '../block/index'
import { inRegion } from './in-region'
import { lists, type Context, type Shown } from './judge'
import { firstLack, missing, type Show } from './lack'
import type { PolicyRefusal } from './policy'
import type { RuleData } from './read-policy'
import type { Region } from './region'
import { showBeacon } from './show-beacon'
import { showCurrent } from './show-current'
import { showProofs } from './show-proofs'
import { showSights } from './show-sights'
import { showWitnesses } from './show-witnesses'
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

/** In the order of their cost. Each runs when a rule asks for what it grades. */
const SHOWS: readonly { readonly asks: (require: RuleData['require']) => unknown; readonly show: Show }[] = [
  { asks: ({ current }) => current, show: showCurrent },
  { asks: ({ notBefore }) => notBefore, show: showBeacon },
  { asks: ({ notAfter }) => notAfter, show: showWitnesses },
  { asks: ({ proven }) => proven, show: showProofs },
  { asks: ({ observed }) => observed, show: showSights },
]

/**
 * Whether a block shows what all rules require; the first thing that it lacks refuses it, and nothing is graded after
 * that unless everything is to be explained.
 */
export async function showRequired(
  rules: readonly RuleData[],
  block: VerifiedBlock,
  before: Grades,
  context: Context,
): Promise<Shown> {
  let grades = before
  let refusal = firstLack(rules, ({ require }) => lackOf(require, block, grades))
  for (const { asks, show } of SHOWS) {
    const asking = rules.filter(({ require }) => asks(require))
    if (context.explain || (asking.length > 0 && !refusal)) {
      const shown = await show(asking, block, context)
      grades = { ...grades, ...shown.grades }
      refusal ??= shown.refusal
    }
  }
  return { grades, ...(refusal && { refusal }) }
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

function liesIn(block: VerifiedBlock, region: Region): boolean {
  return !block.opaque && block.place !== undefined && inRegion(region, block.place)
}
