import { abortSignal, attempt, count, func, record } from '../base/index'
import { checkPlan } from './check-plan'
import type { Action, Plan } from './plan'
import { RUN_OPTIONS, runPlan, type RunOptions, type RunReport } from './run-plan'

export interface ShrinkOptions extends RunOptions {
  /** Runs at most (default 300). */
  readonly runs?: number
  /** Told of each smaller plan that still fails. */
  readonly onSmaller?: (report: RunReport) => void
  readonly signal?: AbortSignal
}

const readOptions = record<ShrinkOptions>({ ...RUN_OPTIONS, runs: count, onSmaller: func, signal: abortSignal })

/**
 * Makes a failing plan smaller, as long as the same oracle is violated: fewer actions, hostile peers, nodes, links and
 * blocks, calmer lines. Answers the report of the smallest that was found; it replays like any other.
 *
 * @example
 * ```ts
 * const { plan } = await shrink(failed.plan)
 * console.log(JSON.stringify(plan))
 * ```
 */
export async function shrink(plan: Plan, options: ShrinkOptions = {}): Promise<RunReport> {
  const { runs = 300, onSmaller, signal, ...given } = readOptions(options, '')
  let best = await runPlan(plan, given)
  const oracle = best.violations[0]?.oracle
  if (oracle === undefined) return best
  let left = runs
  for (let changed = true; changed;) {
    changed = false
    for (const smaller of candidates(best.plan)) {
      if (left-- <= 0 || signal?.aborted) return best
      const report = await runIfPossible(smaller, given)
      if (report?.violations[0]?.oracle !== oracle) continue
      best = report
      changed = true
      onSmaller?.(best)
      break
    }
  }
  return best
}

/** A smaller plan that cannot be does not fail in the same way. */
async function runIfPossible(plan: Plan, options: RunOptions): Promise<RunReport | undefined> {
  return attempt(() => checkPlan(plan)).ok ? runPlan(plan, options) : undefined
}

/** Smaller plans, those that save most first. */
function* candidates(plan: Plan): Generator<Plan> {
  const { actions, nodes, hostiles = [], links } = plan
  for (let size = Math.ceil(actions.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < actions.length; from += size)
      yield { ...plan, actions: [...actions.slice(0, from), ...actions.slice(from + size)] }
  for (const { name } of nodes) {
    const gone = namesWith(plan, name)
    if (gone.size < nodes.length) yield without(plan, gone)
  }
  for (const hostile of hostiles) yield { ...plan, hostiles: hostiles.filter(each => each !== hostile) }
  for (const link of links) yield { ...plan, links: links.filter(each => each !== link) }
  for (const [i, action] of actions.entries())
    for (const milder of milderActions(action)) yield { ...plan, actions: actions.with(i, milder) }
  if (plan.conditions !== undefined && plan.conditions !== 'lan') yield { ...plan, conditions: 'lan' }
  if (plan.disk !== undefined && Object.keys(plan.disk).length > 0) yield { ...plan, disk: {} }
}

/** A node, the machines that have its key, and those that have theirs. */
function namesWith({ nodes }: Plan, name: string): ReadonlySet<string> {
  const names = new Set([name])
  for (let size = 0; size !== names.size;) {
    size = names.size
    for (const node of nodes) if (node.identity !== undefined && names.has(node.identity)) names.add(node.name)
  }
  return names
}

/** The same plan without some nodes and all that names them. */
function without(plan: Plan, gone: ReadonlySet<string>): Plan {
  const stays = (name: string) => !gone.has(name)
  const isFree = (action: Action) =>
    ['node', 'from', 'to'].every(field => stays(String((action as Readonly<Record<string, unknown>>)[field])))
  return {
    ...plan,
    nodes: plan.nodes.filter(({ name }) => stays(name)),
    links: plan.links.filter(link => link.every(stays)),
    actions: plan.actions.filter(isFree).map(action => withoutInGroups(action, stays)),
    ...(plan.hostiles && {
      hostiles: plan.hostiles.map(hostile => ({ ...hostile, targets: hostile.targets.filter(stays) })),
    }),
  }
}

function withoutInGroups(action: Action, stays: (name: string) => boolean): Action {
  if (action.do !== 'partition') return action
  return { ...action, groups: action.groups.map(group => group.filter(stays)) }
}

function* milderActions(action: Action): Generator<Action> {
  if ('count' in action && action.count > 1) {
    yield { ...action, count: 1 }
    yield { ...action, count: Math.ceil(action.count / 2) }
  }
  if (action.do === 'publish' && (action.bytes ?? 0) > 10) yield { ...action, bytes: 10 }
}
