import { nearestName, offset, refuse, text } from '../../base/index'
import { type Plan, PLAN_VERSION } from '../plan'
import { SeededRandom } from '../seeded-random'
import { HOSTILE_SCENARIOS } from './hostile-scenarios'
import { INTEREST_SCENARIOS } from './interest-scenarios'
import { LOG_SCENARIOS } from './log-scenarios'
import { MACHINE_SCENARIOS } from './machine-scenarios'
import { MEMORY_SCENARIOS } from './memory-scenarios'
import { NETWORK_SCENARIOS } from './network-scenarios'
import { RANDOM_SCENARIOS } from './random-scenario'
import type { Scenario } from './scenario'

/** Every scenario by its name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...NETWORK_SCENARIOS,
  ...MACHINE_SCENARIOS,
  ...MEMORY_SCENARIOS,
  ...LOG_SCENARIOS,
  ...INTEREST_SCENARIOS,
  ...HOSTILE_SCENARIOS,
  ...RANDOM_SCENARIOS,
}

/** What a seed makes of a scenario. Throws `bad-value` for an unknown name, `bad-type` or `out-of-range` for what is no seed. */
export function planOf(name: string, seed: number): Plan {
  text(name, 'scenario')
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name]! : undefined
  if (!scenario) refuse('bad-value', 'scenario', nearestName(name, Object.keys(SCENARIOS)))
  offset(seed, 'seed')
  const scene = scenario.plan(new SeededRandom(`${name}/${seed}/plan`), Math.floor(seed / TURNS.length))
  return { version: PLAN_VERSION, scenario: name, seed, ...scene }
}

const namesWith = (fills: boolean) => Object.keys(SCENARIOS).filter(name => !!SCENARIOS[name]!.fills === fills)
const TURNS = namesWith(false)
const FILLING = namesWith(true)

/** Of five turns of a heavy scenario it has the first, one that fills has the second, and `random` has the others. */
const HEAVY_TURNS = 5

/** Seeds take turns over all scenarios: a run of seeds covers each. Throws `bad-type` or `out-of-range` for what is no seed. */
export function scenarioOf(seed: number): string {
  offset(seed, 'seed')
  const name = TURNS[seed % TURNS.length]!
  const turn = Math.floor(seed / TURNS.length) % HEAVY_TURNS
  if (!SCENARIOS[name]!.heavy || turn === 0) return name
  return turn === 1 ? FILLING[seed % FILLING.length]! : 'random'
}
