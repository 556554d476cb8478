import { CosmicError, type Failure } from '../base/index'
import { ATTACKS } from './hostile/attack'
import { checkConditions, CONDITIONS } from './link-conditions'
import { isKnownAction } from './perform-action'
import { type Action, type Plan, PLAN_VERSION } from './plan'

/** Most of what one plan may ask for. */
export const PLAN_LIMITS = { nodes: 10_000, actions: 100_000, rounds: 1_000, time: 10 * 365 * 86_400_000 } as const

function refuse(failure: Failure): never {
  throw new CosmicError(failure)
}

/** Throws `version`, `bad-type`, `bad-value`, `limit` or `out-of-range` with the field of what cannot be. */
export function checkPlan(plan: Plan): void {
  if (typeof plan !== 'object' || plan === null) refuse({ code: 'bad-type', field: 'plan', hint: 'a plan' })
  if (plan.version !== PLAN_VERSION)
    refuse({ code: 'version', field: 'plan.version', limit: PLAN_VERSION, hint: 'it was made by another version' })
  const { nodes, links, hostiles = [], actions, conditions, rounds } = plan
  if (![nodes, links, hostiles, actions].every(Array.isArray))
    refuse({ code: 'bad-type', field: 'plan', hint: 'lists' })
  if (nodes.length > PLAN_LIMITS.nodes) refuse({ code: 'limit', field: 'nodes', limit: PLAN_LIMITS.nodes })
  if (actions.length > PLAN_LIMITS.actions) refuse({ code: 'limit', field: 'actions', limit: PLAN_LIMITS.actions })
  if (!(Number.isInteger(rounds) && rounds >= 0 && rounds <= PLAN_LIMITS.rounds))
    refuse({ code: 'out-of-range', field: 'rounds', limit: PLAN_LIMITS.rounds })
  const names = new Set(nodes.map(({ name }) => name))
  if (names.size !== nodes.length) refuse({ code: 'bad-value', field: 'nodes', hint: 'each name once' })
  const known = (name: string, field: string) => {
    if (!names.has(name)) refuse({ code: 'bad-value', field, hint: `the plan has no node ${name}` })
  }
  links.forEach((link, i) => link.forEach(name => known(name, `links[${i}]`)))
  for (const { attack, targets } of hostiles) {
    if (!Object.hasOwn(ATTACKS, attack)) refuse({ code: 'bad-value', field: 'hostiles', hint: `no attack ${attack}` })
    targets.forEach(name => known(name, 'hostiles'))
  }
  if (typeof conditions === 'string' && !Object.hasOwn(CONDITIONS, conditions))
    refuse({ code: 'bad-value', field: 'conditions', hint: Object.keys(CONDITIONS).join(', ') })
  if (typeof conditions === 'object') checkConditions(conditions)
  actions.forEach((action, i) => checkAction(action, `actions[${i}]`, known))
}

function checkAction(action: Action, field: string, known: (name: string, field: string) => void): void {
  const { at } = action
  if (!isKnownAction(action.do))
    refuse({ code: 'bad-value', field: `${field}.do`, hint: `no action ${String(action.do)}` })
  if (!(at >= 0 && at <= PLAN_LIMITS.time))
    refuse({ code: 'out-of-range', field: `${field}.at`, limit: PLAN_LIMITS.time })
  if ('node' in action) known(action.node, `${field}.node`)
  // Ways may lead to hostile peers, whom only the network knows.
  if ('from' in action && NODES_ONLY.has(action.do)) for (const name of [action.from, action.to]) known(name, field)
  if ('conditions' in action && action.do === 'link') checkConditions(action.conditions)
  if ('count' in action && !(Number.isInteger(action.count) && action.count >= 0 && action.count <= 1_000_000))
    refuse({ code: 'out-of-range', field: `${field}.count`, limit: 1_000_000 })
}

const NODES_ONLY: ReadonlySet<Action['do']> = new Set<Action['do']>(['connect', 'disconnect', 'clone'])
