import { CosmicError, nearestName, refuse } from '../base/index'
import { PLAN_LIMITS } from './check-values'
import type { Action, NodePlan, Plan } from './plan'

/** Only the network knows hostile peers: nobody starts, stops or dials one by an action. */
const NODES_ONLY: ReadonlySet<Action['do']> = new Set<Action['do']>(['connect', 'disconnect', 'clone'])

type Known = (name: string, field: string) => void

/** Throws `bad-value` for a name that the plan does not have, or has twice, and `out-of-range` for clocks too far off. */
export function checkNames({ nodes, links, hostiles = [], actions }: Plan): void {
  const names = nodes.map(({ name }) => name)
  const everyone = [...names, ...hostiles.map(({ name }) => name)]
  if (new Set(everyone).size < everyone.length)
    refuse('bad-value', 'nodes', 'each name once, those of hostiles included')
  const isNode = knows(names)
  const isAnyone = knows(everyone)
  checkIdentities(nodes)
  for (const [i, { interests }] of nodes.entries()) checkAuthors(interests, `nodes[${i}].interests`, isNode)
  for (const [i, [from, to]] of links.entries()) checkWay({ from, to }, `links[${i}]`, isNode)
  for (const [i, { targets }] of hostiles.entries())
    for (const [j, name] of targets.entries()) isNode(name, `hostiles[${i}].targets[${j}]`)
  for (const [i, action] of actions.entries()) checkAction(action, `actions[${i}]`, isNode, isAnyone)
  checkClocks(nodes, actions)
}

function knows(names: readonly string[]): Known {
  const known = new Set(names)
  return (name, field) => {
    if (!known.has(name)) refuse('bad-value', field, `the plan has no ${name}: ${nearestName(name, names)}`)
  }
}

function checkAuthors(interests: NodePlan['interests'] = [], field: string, isNode: Known): void {
  for (const [i, { author }] of interests.entries()) if (author !== undefined) isNode(author, `${field}[${i}].author`)
}

/** Whose key a node has stands before it. */
function checkIdentities(nodes: Plan['nodes']): void {
  const before = new Set<string>()
  for (const [i, { name, identity }] of nodes.entries()) {
    if (identity !== undefined && !before.has(identity))
      refuse('bad-value', `nodes[${i}].identity`, `no node before it is called ${identity}`)
    before.add(name)
  }
}

function checkWay({ from, to }: { readonly from: string; readonly to: string }, field: string, known: Known): void {
  known(from, `${field}.from`)
  known(to, `${field}.to`)
  if (from === to) refuse('bad-value', field, `from ${from} to itself`)
}

function checkAction(action: Action, field: string, isNode: Known, isAnyone: Known): void {
  if ('node' in action) isNode(action.node, `${field}.node`)
  if ('from' in action) checkWay(action, field, NODES_ONLY.has(action.do) ? isNode : isAnyone)
  if (action.do === 'want') checkAuthors(action.interests, `${field}.interests`, isNode)
  if (action.do !== 'partition') return
  const named = action.groups.flat()
  if (new Set(named).size < named.length) refuse('bad-value', `${field}.groups`, 'each name once')
  for (const name of named) isAnyone(name, `${field}.groups`)
}

/** Blocks bear the times of their authors' clocks, however far these get off: they must not leave what a block can name. */
function checkClocks(nodes: Plan['nodes'], actions: Plan['actions']): void {
  const off = new Map(nodes.map(({ name, skew = 0 }) => [name, Math.abs(skew)]))
  for (const [i, action] of actions.entries()) {
    if (action.do !== 'clock') continue
    const sum = (off.get(action.node) ?? 0) + Math.abs(action.by)
    if (sum > PLAN_LIMITS.clock)
      throw new CosmicError({
        ...{ code: 'out-of-range', field: `actions[${i}].by`, limit: PLAN_LIMITS.clock },
        hint: 'off the true time in all',
      })
    off.set(action.node, sum)
  }
}
