import { offset, oneOf, record, text } from '../base/index'
import { checkPlan } from './check-plan'
import type { Plan } from './plan'
import { RUN_OPTIONS, runPlan, type RunOptions, type RunReport } from './run-plan'
import { planOf, scenarioOf } from './scenarios/index'
import type { SignatureMode } from './simulated-crypto'

export interface SimulateOptions extends RunOptions {
  /** Decides everything. */
  readonly seed: number
  /** Default: the one whose turn it is with this seed. */
  readonly scenario?: string
  /** In place of what the scenario says; `stand-in` is for large runs. */
  readonly signatures?: SignatureMode
}

const readOptions = record<SimulateOptions>(
  {
    ...RUN_OPTIONS,
    seed: offset,
    scenario: text,
    signatures: oneOf('real', 'stand-in'),
  },
  'seed',
)

/**
 * Runs one seed of a scenario: builds its plan, carries it out with production clients in a simulated world, and asks the
 * oracles. Rejects with `bad-value` for an unknown scenario, `bad-type` or `out-of-range` for what is no seed.
 *
 * @example
 * ```ts
 * const { violations, digest } = await simulate({ scenario: 'two-laptops-on-a-train', seed: 7 })
 * console.log(violations.length === 0 ? 'all held' : violations[0]!.message, digest)
 * ```
 */
export async function simulate(given: SimulateOptions): Promise<RunReport> {
  const { seed, scenario, signatures, ...options } = readOptions(given, '')
  const plan = planOf(scenario ?? scenarioOf(seed), seed)
  return runPlan(signatures ? { ...plan, signatures } : plan, options)
}

/** What is left of a run's parts, for one line. Throws as `runPlan` does for what is no plan. */
export function sizeOf(plan: Plan): string {
  checkPlan(plan)
  const { nodes, hostiles = [], links, actions } = plan
  return `${nodes.length} nodes, ${hostiles.length} hostile, ${links.length} links, ${actions.length} actions`
}
