import { TAMPERINGS } from '../tampering'
import type { Action } from '../plan'
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

/** Stories of what networks do. */
export const NETWORK_SCENARIOS = {
  'two-laptops-on-a-train': {
    story: 'two laptops share a mobile link that tunnels cut, clog and close one way; each sleeps now and then',
    plan(random) {
      const nodes = nodesNamed(2)
      const names = namesOf(nodes)
      const actions: Action[] = publications(names, random, 3 * MINUTE, 4)
      for (let at = 5 * SECOND; at < 3 * MINUTE; at += random.between(5, 30) * SECOND) {
        const [from, to] = random.shuffle(names) as [string, string]
        const ms = random.between(1, 90) * SECOND
        const trouble: readonly Action[] = random.pick<readonly Action[]>([
          [{ at, do: 'cut', from, to }],
          [{ at, do: 'clog', from, to, ms }],
          [
            { at, do: 'close-way', from, to },
            { at: at + ms, do: 'open-way', from, to },
          ],
          [
            { at, do: 'isolate', node: from },
            { at: at + ms, do: 'heal' },
          ],
          [
            { at, do: 'sleep', node: from },
            { at: at + ms, do: 'wake', node: from },
          ],
        ])
        actions.push(...trouble)
      }
      return { nodes, links: [['a', 'b']], conditions: 'mobile', actions, rounds: 5 }
    },
  },
  'a-hundred-agents-and-a-partition': {
    heavy: true,
    story: 'a hundred agents are split in two for minutes, write on both sides, and meet again',
    plan(random) {
      const nodes = nodesNamed(100)
      const names = namesOf(nodes)
      const half = random.shuffle(names)
      const groups = [half.slice(0, 50), half.slice(50)]
      const writers = random.shuffle(names).slice(0, 30)
      return {
        nodes,
        links: mesh(names, random, 30),
        signatures: 'stand-in',
        conditions: 'lan',
        timing: { heartbeat: 20_000 },
        actions: [
          ...writers.map(node => ({ at: random.below(2 * MINUTE), do: 'publish' as const, node, count: 1 })),
          { at: 20 * SECOND, do: 'partition', groups },
          { at: 100 * SECOND, do: 'heal' },
        ],
        rounds: 12,
      }
    },
  },
  'one-way-street': {
    story: 'messages get through in one direction only, while everybody writes',
    plan(random) {
      const nodes = nodesNamed(random.between(2, 4))
      const names = namesOf(nodes)
      const actions: Action[] = publications(names, random, 3 * MINUTE)
      for (let i = 0; i < 4; i++) {
        const [from, to] = random.shuffle(names) as [string, string]
        const at = random.below(2 * MINUTE)
        actions.push(
          { at, do: 'close-way', from, to },
          { at: at + random.between(10, 120) * SECOND, do: 'open-way', from, to },
        )
      }
      return { nodes, links: mesh(names, random), conditions: 'internet', actions, rounds: roundsFor(names.length) }
    },
  },
  'rush-hour': {
    story: 'large blocks on thin lines: credit, back-pressure and clogs decide who gets through',
    plan(random) {
      const nodes = nodesNamed(3)
      const names = namesOf(nodes)
      const links = chain(names)
      // More than a window in one direction, over one session that nothing breaks.
      if (random.chance(0.4)) {
        const actions: Action[] = [{ at: 0, do: 'publish', node: 'a', count: 100, bytes: 60_000 }]
        return { nodes, links, conditions: { ...MOBILE, loss: 0, bandwidth: 2_000 }, actions, rounds: 3 }
      }
      const actions: Action[] = names.map(node => ({
        at: random.below(30 * SECOND),
        do: 'publish',
        node,
        ...random.pick([
          { count: 20, bytes: 2_000 },
          { count: 12, bytes: 20_000 },
        ]),
      }))
      for (let i = 0; i < 4; i++) {
        const [from, to] = random.shuffle(names) as [string, string]
        actions.push({ at: random.below(MINUTE), do: 'clog', from, to, ms: random.between(1, 40) * SECOND })
      }
      const conditions = { ...MOBILE, bandwidth: random.pick([50, 200, 1_000]) }
      return { nodes, links, conditions, actions, rounds: 12 }
    },
  },
  'vandal-on-the-line': {
    story: 'somebody on the way flips bits, cuts, drops, doubles and swaps messages',
    plan(random) {
      const nodes = nodesNamed(3)
      const names = namesOf(nodes)
      const actions: Action[] = publications(names, random, 2 * MINUTE, 5)
      for (let i = 0; i < 8; i++) {
        const [from, to] = random.shuffle(names) as [string, string]
        const kind = random.pick(TAMPERINGS)
        actions.push({ at: random.below(2 * MINUTE), do: 'tamper', from, to, kind, count: random.between(1, 3) })
      }
      return { nodes, links: mesh(names, random), actions, rounds: 6 }
    },
  },
  'cafe-wifi': {
    story: 'half of all dials fail, connections are cut all the time, and yet everybody is kept up to date',
    plan(random) {
      const nodes = nodesNamed(4)
      const names = namesOf(nodes)
      const actions: Action[] = publications(names, random, 2 * MINUTE)
      for (let i = 0; i < 10; i++) {
        const [from, to] = random.shuffle(names) as [string, string]
        actions.push({ at: random.below(2 * MINUTE), do: 'cut', from, to })
      }
      const conditions = { latency: [5, 50], tail: 1_000, loss: 0.03, dialFailure: 0.5 } as const
      return { nodes, links: star('a', names.slice(1)), conditions, actions, rounds: 10 }
    },
  },
} satisfies Record<string, Scenario>

const MOBILE = { latency: [40, 200], tail: 2_000, loss: 0.01 } as const
