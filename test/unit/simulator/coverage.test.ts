import { expect, test } from 'vitest'
import { ACTION_NAMES } from '../../../src/simulator/check-action'
import {
  type Action,
  ATTACKS,
  CONDITIONS,
  type Plan,
  planOf,
  scenarioOf,
  SCENARIOS,
} from '../../../src/simulator/index'
import { TAMPERINGS } from '../../../src/simulator/tampering'

/** What an action does in detail. */
function* kindsOf(action: Action): Generator<string> {
  yield `do ${action.do}`
  if (action.do === 'tamper') yield `tamper ${action.kind}`
  if (action.do === 'rot') yield `rot ${action.where}`
  if (action.do === 'crash-at-write') yield `crash ${action.moment} a write`
  if (action.do === 'crash' && action.silent) yield 'silent crash'
  if (action.do === 'publish' && (action.ahead ?? 0) > 0) yield 'a block dated ahead'
  if (action.do !== 'disk') return
  if (action.conditions.full) yield 'full disk'
  if ((action.conditions.failure ?? 0) > 0) yield 'failing disk'
  if ((action.conditions.write?.[1] ?? 0) > 100) yield 'slow disk'
}

function* drawnBy({ scenario, conditions, hostiles = [], nodes, actions }: Plan): Generator<string> {
  yield `scenario ${scenario}`
  if (typeof conditions === 'string') yield `conditions ${conditions}`
  for (const { attack } of hostiles) yield `attack ${attack}`
  for (const node of nodes) for (const field of Object.keys(node)) yield `node with ${field}`
  for (const action of actions) yield* kindsOf(action)
}

const WANTED: readonly string[] = [
  ...Object.keys(SCENARIOS).map(name => `scenario ${name}`),
  ...Object.keys(CONDITIONS).map(name => `conditions ${name}`),
  ...Object.keys(ATTACKS).map(name => `attack ${name}`),
  ...ACTION_NAMES.map(name => `do ${name}`),
  ...TAMPERINGS.map(kind => `tamper ${kind}`),
  ...['name', 'skew', 'drift', 'identity', 'later', 'plain', 'retention', 'waiting', 'interests'].map(
    name => `node with ${name}`,
  ),
  ...['rot records', 'rot anything', 'crash before a write', 'crash after a write', 'silent crash'],
  ...['a block dated ahead', 'full disk', 'failing disk', 'slow disk'],
]

test.each([0, 1, 1_000])('two hundred seeds from %i draw every scenario, attack, action and fault', from => {
  const drawn = new Set<string>()
  for (let seed = from; seed < from + 200; seed++)
    for (const kind of drawnBy(planOf(scenarioOf(seed), seed))) drawn.add(kind)
  expect(WANTED.filter(kind => !drawn.has(kind))).toEqual([])
})
