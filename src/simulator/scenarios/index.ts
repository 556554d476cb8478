import { CosmicError, text } from '../../base/index'
import { type Plan, PLAN_VERSION } from '../plan'
import { SeededRandom } from '../seeded-random'
import { HOSTILE_SCENARIOS } from './hostile-scenarios'
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
  ...HOSTILE_SCENARIOS,
  ...RANDOM_SCENARIOS,
}

/** What a seed makes of a scenario. Throws `bad-value` for an unknown name, `out-of-range` for what is no seed. */
export function planOf(name: string, seed: number): Plan {
  text(name, 'scenario')
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name]! : undefined
  if (!scenario)
    throw new CosmicError({ code: 'bad-value', field: 'scenario', hint: `one of ${Object.keys(SCENARIOS).join(', ')}` })
  checkSeed(seed)
  const scene = scenario.plan(
    new SeededRandom(`${name}/${seed}/plan`),
    Math.floor(seed / Object.keys(SCENARIOS).length),
  )
  return { version: PLAN_VERSION, scenario: name, seed, ...scene }
}

function checkSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return
  throw new CosmicError({ code: 'out-of-range', field: 'seed', hint: 'a whole number from 0' })
}

/** Seeds take turns over all scenarios: a run of seeds covers each. */
export function scenarioOf(seed: number): string {
  checkSeed(seed)
  const names = Object.keys(SCENARIOS)
  const name = names[seed % names.length]!
  return SCENARIOS[name]!.heavy && Math.floor(seed / names.length) % 5 !== 0 ? 'random' : name
}
