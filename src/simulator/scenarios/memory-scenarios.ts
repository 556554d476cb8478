import type { RetentionPolicy } from '../../ingest/index'
import type { Action } from '../plan'
import type { SeededRandom } from '../seeded-random'
import {
  chain,
  mesh,
  MINUTE,
  namesOf,
  nodesNamed,
  publications,
  type Scenario,
  type Scene,
  SECOND,
  star,
} from './scenario'

/** Something that keeps a node away for a while. */
function absence(node: string, at: number, later: number, random: SeededRandom): Action[] {
  return random.pick<readonly Action[]>([
    [
      { at, do: 'crash', node },
      { at: later, do: 'start', node },
    ],
    [
      { at, do: 'isolate', node },
      { at: later, do: 'heal' },
    ],
    [
      { at, do: 'backup', node },
      { at: later, do: 'restore', node },
    ],
  ]) as Action[]
}

function absences(names: readonly string[], count: number, random: SeededRandom): Action[] {
  return Array.from({ length: count }, () => {
    const at = random.between(2, 120) * SECOND
    return absence(random.pick(names), at, at + random.between(5, 60) * SECOND, random)
  }).flat()
}

function retractions(names: readonly string[], random: SeededRandom): Action[] {
  return Array.from({ length: 6 }, () => ({
    at: random.between(5, 150) * SECOND,
    do: 'retract' as const,
    node: random.pick(names),
    count: random.between(1, 6),
  }))
}

/** Now and then the last notes expire while a disk takes nothing, not even that they are gone; it has time to make up for that. */
function expiringInVain(names: readonly string[], random: SeededRandom): Action[] {
  if (random.chance(0.5)) return []
  const [author, node] = [random.pick(names), random.pick(names)]
  const at = random.between(245, 260) * SECOND
  const full = (when: number, is: boolean): Action => ({ at: when, do: 'disk', node, conditions: { full: is } })
  return [
    { at, do: 'expire', node: author, count: 2, after: 20 * SECOND },
    full(at + 19 * SECOND, true),
    full(at + random.between(21, 30) * SECOND, false),
    { at: at + 3 * MINUTE, do: 'heal' },
  ]
}

/** Engines that keep what was deleted until it is cleared, and processes that die before their nodes have begun to. */
function withLeftovers(scene: Scene): Scene {
  const crashes = namesOf(scene.nodes).flatMap((node): Action[] => [
    { at: 155 * SECOND, do: 'crash', node },
    { at: 160 * SECOND, do: 'start', node },
  ])
  const nodes = scene.nodes.map(node => ({ ...node, retention: { compactWithin: 30 * SECOND } }))
  return { ...scene, nodes, disk: { leftovers: true }, actions: [...scene.actions, ...crashes] }
}

/** Stories of what is kept, forgotten and lost. */
export const MEMORY_SCENARIOS = {
  'notes-that-expire': {
    story: 'short-lived notes expire while they travel: they neither block nor come back',
    plan(random) {
      const nodes = nodesNamed(3)
      const names = namesOf(nodes)
      const actions: Action[] = publications(names, random, 2 * MINUTE)
      for (let i = 0; i < 6; i++) {
        const node = random.pick(names)
        actions.push({
          at: random.below(2 * MINUTE),
          do: 'expire',
          node,
          count: 4,
          after: random.between(1, 120) * SECOND,
        })
      }
      const at = random.between(20, 60) * SECOND
      actions.push({ at, do: 'isolate', node: 'b' }, { at: at + random.between(10, 90) * SECOND, do: 'heal' })
      actions.push(...expiringInVain(names, random.fork('disk')))
      return { nodes, links: chain(names), conditions: 'internet', actions, rounds: 6 }
    },
  },
  'second-thoughts': {
    story:
      'authors withdraw what they wrote while others are away, asleep or restored: it is gone everywhere, and stays gone',
    plan(random) {
      const count = random.between(2, 4)
      // Without extensions retractions are not compared first: what they withdraw may come behind them.
      const plain = random.fork('plain')
      const nodes = nodesNamed(count).map(node => (plain.chance(0.4) ? { ...node, plain: true } : node))
      const names = namesOf(nodes)
      const actions = [
        ...publications(names, random, MINUTE, 4),
        ...retractions(names, random),
        ...absences(names, 4, random),
      ]
      const scene = { nodes, links: mesh(names, random), actions, rounds: 6 }
      return random.fork('leftovers').chance(0.4) ? withLeftovers(scene) : scene
    },
  },
  'short-memories': {
    story: 'some keep only so many blocks, of others only stubs, while authors withdraw and machines come and go',
    plan(random) {
      const policies: (RetentionPolicy | undefined)[] = [
        undefined,
        { maxBlocks: random.between(1, 40) },
        { maxBlocks: random.between(5, 30), pins: { own: false } },
        { maxBytes: random.between(2, 20) * 1_000, perAuthor: { maxBlocks: random.between(2, 10) } },
        { perTag: { a: { maxBlocks: random.between(1, 5) }, b: { maxAge: random.between(10, 60) * SECOND } } },
        { maxBlocks: random.between(5, 15), maxStubs: random.between(1, 20) },
      ]
      const nodes = nodesNamed(random.between(2, 5)).map(node => {
        const retention = random.pick(policies)
        return retention ? { ...node, retention } : node
      })
      const names = namesOf(nodes)
      return {
        nodes,
        links: mesh(names, random),
        actions: [
          ...publications(names, random, 3 * MINUTE, 4),
          ...retractions(names, random),
          ...absences(names, 3, random),
        ],
        rounds: 6,
      }
    },
  },
  'rising-floors': {
    story:
      'agents keep what is minutes old, each another number of them: floors rise while everybody writes and some are away',
    plan(random) {
      const nodes = nodesNamed(random.between(3, 4)).map((node, i) =>
        i > 0 || random.chance(0.5)
          ? { ...node, retention: { maxAge: random.between(60, 400) * SECOND, pins: { own: random.chance(0.5) } } }
          : node,
      )
      const names = namesOf(nodes)
      const last = names.map(node => ({ at: 5 * MINUTE, do: 'publish' as const, node, count: 2 }))
      return {
        nodes,
        links: mesh(names, random),
        actions: [...publications(names, random, 5 * MINUTE, 5), ...absences(names, 4, random), ...last],
        rounds: 6,
      }
    },
  },
  'rotten-disks': {
    story: 'bits flip on disks: what is damaged is set aside by a repair and comes again from those who have it',
    plan(random) {
      const nodes = nodesNamed(random.between(2, 4))
      const names = namesOf(nodes)
      const actions: Action[] = publications(names, random, 2 * MINUTE, 4)
      for (let i = 0; i < 4; i++) {
        const where = random.pick(['records', 'anything'] as const)
        const at = random.between(10, 150) * SECOND
        actions.push({ at, do: 'rot', node: random.pick(names), count: random.between(1, 12), where })
      }
      if (random.chance(0.5)) actions.push(...retractions(names, random))
      return { nodes, links: mesh(names, random), actions, rounds: 6 }
    },
  },
  'heaps-of-tombstones': {
    story:
      'a stranger retracts more blocks that never were than may wait, while an author withdraws what is on its way',
    plan(random) {
      const waiting = random.between(30, 60)
      const nodes = nodesNamed(3).map(node => ({ ...node, waiting }))
      const names = namesOf(nodes)
      return {
        nodes,
        links: chain(names),
        hostiles: [{ name: 'foe', attack: 'retraction-flood', targets: ['a'] }],
        actions: [
          ...publications(names, random, 2 * MINUTE),
          ...retractions(names, random),
          ...absences(names, 2, random),
        ],
        rounds: 6,
      }
    },
  },
  'a-quota-of-tombstones': {
    heavy: true,
    story: 'one author fills the room for ten thousand retractions of blocks that never were: the rest has to wait',
    plan: random => ({
      nodes: nodesNamed(2),
      links: [['b', 'a']],
      signatures: 'stand-in',
      hostiles: [{ name: 'foe', attack: 'tombstone-hoard', targets: ['a'] }],
      actions: [...publications(['a', 'b'], random, MINUTE), { at: 4 * MINUTE, do: 'publish', node: 'a', count: 3 }],
      rounds: 4,
    }),
  },
  'a-key-with-two-faces': {
    story: 'a stranger shows each of several agents another profile of itself: whoever sees both believes neither',
    plan(random) {
      const nodes = nodesNamed(4)
      const [hub, ...others] = namesOf(nodes) as [string, ...string[]]
      const attack = random.pick(['two-faces', 'equivocation'] as const)
      return {
        nodes,
        links: star(hub, others),
        hostiles: [{ name: 'janus', attack, targets: random.shuffle(others).slice(0, 2) }],
        actions: [...publications([hub, ...others], random, 2 * MINUTE, 2), ...absences(others, 1, random)],
        rounds: 6,
      }
    },
  },
} satisfies Record<string, Scenario>
