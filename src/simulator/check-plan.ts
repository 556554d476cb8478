import { CosmicError, fields, flag, list, offset, type Read, record, refuse, text } from '../base/index'
import { readRetention } from '../ingest/index'
import { readAction } from './check-action'
import { checkNames } from './check-names'
import { checkNeeds } from './check-needs'
import {
  nameOf,
  nodeName,
  PLAN_LIMITS,
  readAs,
  readInterests,
  readConditions,
  readDisk,
  readTiming,
  upTo,
  within,
} from './check-values'
import { ATTACKS, type AttackName } from './hostile/attack'
import { type HostilePlan, type NodePlan, type Plan, PLAN_VERSION } from './plan'
import type { SignatureMode } from './simulated-crypto'

const retention: Read<NonNullable<NodePlan['retention']>> = (value, path) =>
  readAs(() => readRetention(value), 'retention', path)

const node = record<NodePlan>(
  {
    name: nodeName,
    skew: within(PLAN_LIMITS.clock),
    drift: within(PLAN_LIMITS.drift),
    identity: nodeName,
    later: flag,
    plain: flag,
    retention,
    waiting: upTo(PLAN_LIMITS.count),
    interests: readInterests,
  },
  'name',
)

const hostile = record<HostilePlan>(
  {
    name: nodeName,
    attack: nameOf(Object.keys(ATTACKS) as AttackName[]),
    targets: list(nodeName, PLAN_LIMITS.nodes),
  },
  'name',
  'attack',
  'targets',
)

const link: Read<readonly [string, string]> = (value, path) => {
  if (!Array.isArray(value) || value.length !== 2) refuse('bad-type', path, 'two names: ["b", "a"]')
  return value.map((name, i) => nodeName(name, `${path}[${i}]`)) as [string, string]
}

const version: Read<typeof PLAN_VERSION> = (value, path) => {
  if (value === PLAN_VERSION) return value
  const hint = 'it was made by another version'
  throw new CosmicError({ code: 'version', field: path, limit: PLAN_VERSION, hint })
}

const planFields = record<Plan>(
  {
    version,
    scenario: text,
    seed: offset,
    signatures: nameOf<SignatureMode>(['real', 'stand-in']),
    timing: readTiming,
    nodes: list(node, PLAN_LIMITS.nodes),
    links: list(link, PLAN_LIMITS.links),
    conditions: readConditions,
    disk: readDisk,
    hostiles: list(hostile, PLAN_LIMITS.hostiles),
    actions: list(readAction, PLAN_LIMITS.actions),
    rounds: upTo(PLAN_LIMITS.rounds),
  },
  ...(['version', 'scenario', 'seed', 'nodes', 'links', 'actions', 'rounds'] as const),
)

/**
 * Throws `version`, `missing-field`, `unknown-field`, `bad-type`, `bad-value`, `limit` or `out-of-range` with the field of
 * what cannot be, such as `actions[3].node`.
 */
export function checkPlan(plan: unknown): asserts plan is Plan {
  // Of another version no field means what it says.
  version(fields(plan, 'plan')['version'], 'plan.version')
  const read = planFields(plan, '')
  checkNames(read)
  checkNeeds(read)
}

/**
 * Reads a plan that was kept as JSON. Throws `bad-json` for what is none, and as `runPlan` rejects for a plan that cannot be.
 *
 * @example
 * ```ts
 * const { violations } = await runPlan(readPlan(await readFile('failed.json', 'utf8')))
 * ```
 */
export function readPlan(json: string): Plan {
  let plan: unknown
  try {
    plan = JSON.parse(json)
  } catch (cause) {
    throw new CosmicError({ code: 'bad-json', field: 'plan' }, { cause })
  }
  checkPlan(plan)
  return plan
}
