import { USUAL_ATTACKS } from '../hostile/attack'
import type { RetentionPolicy } from '../../ingest/index'
import { CONDITIONS } from '../link-conditions'
import type { Action } from '../plan'
import type { SeededRandom } from '../seeded-random'
import { TAMPERINGS } from '../tampering'
import {
  chain,
  mesh,
  MINUTE,
  namesOf,
  nodesNamed,
  publications,
  roundsFor,
  type Scenario,
  SECOND,
  star,
} from './scenario'

/** Everything at once, in an order that no story has thought of. */
export const RANDOM_SCENARIOS = {
  random: {
    story: 'any number of faults of any kind, in any order',
    plan(random) {
      const nodes = nodesNamed(random.between(2, 6)).map(node =>
        random.chance(0.1) ? { ...node, retention: memory(random) } : node,
      )
      const names = namesOf(nodes)
      const until = random.between(1, 4) * MINUTE
      const links = random.pick([
        chain,
        (all: string[]) => star(all[0]!, all.slice(1)),
        (all: string[]) => mesh(all, random),
      ])(names)
      const actions = publications(names, random, until)
      for (let faults = random.between(1, 14); faults > 0; faults--)
        actions.push(...fault(names, random.below(until), random))
      const attack = random.pick(USUAL_ATTACKS)
      return {
        nodes,
        links,
        conditions: random.pick(Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]),
        disk: random.pick([{}, { write: [0, 20] as const }, { read: [0, 5] as const, write: [5, 50] as const }]),
        ...(random.chance(0.3) && { hostiles: [{ name: 'foe', attack, targets: [random.pick(names)] }] }),
        actions,
        rounds: roundsFor(names.length) + 2,
      }
    },
  },
} satisfies Record<string, Scenario>

/** A bound that is met, or is not. */
function memory(random: SeededRandom): RetentionPolicy {
  return random.pick<RetentionPolicy>([
    { maxBlocks: random.between(5, 60) },
    { maxAge: random.between(60, 400) * SECOND },
    { maxBlocks: 20, maxStubs: 10, pins: { own: false } },
  ])
}

/** One trouble and, where it has one, its end. */
function fault(names: readonly string[], at: number, random: SeededRandom): Action[] {
  const later = at + random.between(1, 90) * SECOND
  return random.pick([machineFault, machineFault, networkFault, networkFault, diskFault])(names, at, later, random)
}

type Fault = (names: readonly string[], at: number, later: number, random: SeededRandom) => Action[]

const machineFault: Fault = (names, at, later, random) => {
  const node = random.pick(names)
  const moment = random.pick(['before', 'after'] as const)
  return random.pick<readonly Action[]>([
    [
      { at, do: 'crash', node, silent: random.chance(0.5) },
      { at: later, do: 'start', node },
    ],
    [
      { at, do: 'crash-at-write', node, write: random.between(1, 5), moment },
      { at: later, do: 'start', node },
    ],
    [
      { at, do: 'stop', node },
      { at: later, do: 'start', node },
    ],
    [
      { at, do: 'sleep', node },
      { at: later, do: 'wake', node },
    ],
    [{ at, do: 'retract', node, count: random.between(1, 5) }],
    [{ at, do: 'expire', node, count: 3, after: random.between(1, 60) * SECOND }],
    [{ at, do: 'publish', node, count: random.between(1, 200), bytes: random.pick([10, 1_000]) }],
  ]) as Action[]
}

const networkFault: Fault = (names, at, later, random) => {
  const [from, to] = random.shuffle(names) as [string, string]
  const groups = [[from], names.filter(name => name !== from)]
  const kind = random.pick(TAMPERINGS)
  return random.pick<readonly Action[]>([
    [
      { at, do: 'partition', groups },
      { at: later, do: 'heal' },
    ],
    [
      { at, do: 'isolate', node: from },
      { at: later, do: 'heal' },
    ],
    [
      { at, do: 'close-way', from, to },
      { at: later, do: 'open-way', from, to },
    ],
    [
      { at, do: 'disconnect', from, to },
      { at: later, do: 'connect', from, to },
    ],
    [{ at, do: 'clog', from, to, ms: later - at }],
    [
      { at, do: 'link', from, to, conditions: { latency: [200, 900], tail: 4_000, bandwidth: 50, loss: 0.05 } },
      { at: later, do: 'link', from, to, conditions: { latency: [0, 1], tail: 0, bandwidth: 10_000, loss: 0 } },
    ],
    [{ at, do: 'cut', from, to }],
    [{ at, do: 'tamper', from, to, kind, count: random.between(1, 4) }],
  ]) as Action[]
}

const diskFault: Fault = (names, at, later, random) => {
  const node = random.pick(names)
  return random.pick<readonly Action[]>([
    [
      { at, do: 'disk', node, conditions: { full: true } },
      { at: later, do: 'disk', node, conditions: { full: false } },
    ],
    [
      { at, do: 'disk', node, conditions: { failure: 0.1 } },
      { at: later, do: 'disk', node, conditions: { failure: 0 } },
    ],
    [
      { at, do: 'backup', node },
      { at: later, do: 'restore', node },
    ],
    [{ at, do: 'rot', node, count: random.between(1, 4), where: random.pick(['records', 'anything'] as const) }],
  ]) as Action[]
}
