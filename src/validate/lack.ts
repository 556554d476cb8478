import type { VerifiedBlock } from '../block/index'
import type { Context, Shown } from './judge'
import type { PolicyRefusal } from './policy'
import type { RuleData } from './read-policy'

/** Grades one sort of evidence and holds it against what the rules ask of it. */
export type Show = (rules: readonly RuleData[], block: VerifiedBlock, context: Context) => Promise<Shown>

/** Why the first rule that is not satisfied is not, in its name. */
export function firstLack(
  rules: readonly RuleData[],
  lack: (rule: RuleData) => PolicyRefusal | undefined,
): PolicyRefusal | undefined {
  for (const rule of rules) {
    const refusal = lack(rule)
    if (refusal)
      return rule.name === undefined ? refusal : { ...refusal, message: `${refusal.message} (rule ${rule.name})` }
  }
  return undefined
}

/** The refusal of a block that has nothing of what the policy asks for. */
export function missing(field: string, what: string): PolicyRefusal {
  return { code: 'missing-evidence', field, message: `the policy asks for ${what}` }
}
