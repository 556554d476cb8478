import type { Action } from '../plan'
import {
  chain,
  DAY,
  HOUR,
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

/** Stories of what machines, disks and clocks do. */
export const MACHINE_SCENARIOS = {
  'a-relay-restored-from-backup': {
    story: 'the relay between all others loses what came since its backup, and starts from that',
    plan(random) {
      const nodes = nodesNamed(random.between(3, 5))
      const [hub, ...others] = namesOf(nodes) as [string, ...string[]]
      const backup = random.between(10, 60) * SECOND
      return {
        nodes,
        links: star(hub, others),
        actions: [
          ...publications([hub, ...others], random, 2 * MINUTE),
          { at: backup, do: 'backup', node: hub },
          { at: backup + random.between(5, 60) * SECOND, do: 'restore', node: hub },
        ],
        rounds: 6,
      }
    },
  },
  'a-store-cloned-to-two-machines': {
    story: 'a disk is copied to a second machine, sometimes with the key on it, and both go on from there',
    plan(random) {
      const nodes = nodesNamed(4)
      const withKey = random.chance(0.5)
      const clone = { name: 'z', later: true, ...(withKey && { identity: 'b' }) }
      const at = random.between(20, 70) * SECOND
      return {
        nodes: [...nodes, clone],
        links: [...chain(namesOf(nodes)), ['z', 'a'], ['z', 'd']],
        actions: [
          ...publications([...namesOf(nodes)], random, 2 * MINUTE),
          { at, do: 'clone', from: 'b', to: 'z' },
          { at: at + 20 * SECOND, do: 'publish', node: 'z', count: 3 },
          { at: at + 21 * SECOND, do: 'publish', node: 'b', count: 3 },
        ],
        rounds: 12,
      }
    },
  },
  'a-clock-a-day-ahead': {
    story: 'one clock is a day ahead or more: what it dates is kept back until its time has come, and then shared',
    plan(random) {
      const nodes = nodesNamed(3)
      const ahead = random.between(1, 30) * HOUR
      return {
        nodes: nodes.map(node => (node.name === 'b' ? { ...node, skew: ahead } : node)),
        links: chain(namesOf(nodes)),
        timing: { heartbeat: 10 * MINUTE, stall: 20 * MINUTE, audit: HOUR, greeting: MINUTE },
        actions: [
          ...publications(namesOf(nodes), random, 2 * MINUTE),
          ...(random.chance(0.5)
            ? [
                { at: 10 * MINUTE, do: 'crash' as const, node: 'a' },
                { at: 11 * MINUTE, do: 'start' as const, node: 'a' },
              ]
            : []),
          { at: random.between(2, 20) * MINUTE, do: 'clock', node: 'b', by: -ahead },
          { at: 3 * MINUTE, do: 'publish', node: 'c', count: 2, ahead: random.between(1, 24) * HOUR },
          { at: 2 * DAY, do: 'publish', node: 'c', count: 1 },
        ],
        rounds: 4,
      }
    },
  },
  'jumping-clocks': {
    story: 'clocks jump to and fro and drift by minutes a day',
    plan(random) {
      const nodes = nodesNamed(3).map(node => ({ ...node, drift: random.between(-300, 300) * SECOND }))
      const actions: Action[] = publications(namesOf(nodes), random, 3 * MINUTE)
      for (let i = 0; i < 5; i++) {
        const by = random.between(-20, 20) * MINUTE
        actions.push({ at: random.below(3 * MINUTE), do: 'clock', node: random.pick(nodes).name, by })
      }
      // At the end all clocks are near the truth again, so that nothing has to wait.
      for (const { name } of nodes) actions.push({ at: 3 * MINUTE, do: 'clock', node: name, by: 0 })
      return { nodes, links: mesh(namesOf(nodes), random), actions, rounds: 6 }
    },
  },
  'crash-at-any-write': {
    story: 'processes die just before or after a batch becomes durable, again and again',
    plan(random) {
      const nodes = nodesNamed(3)
      const actions: Action[] = publications(namesOf(nodes), random, 2 * MINUTE, 5)
      for (let at = 2 * SECOND; at < 2 * MINUTE; at += random.between(5, 25) * SECOND) {
        const { name: node } = random.pick(nodes)
        const moment = random.pick(['before', 'after'] as const)
        actions.push({ at, do: 'crash-at-write', node, write: random.between(1, 4), moment })
        actions.push({ at: at + random.between(1, 10) * SECOND, do: 'start', node })
      }
      return { nodes, links: mesh(namesOf(nodes), random), disk: { write: [1, 30] }, actions, rounds: 6 }
    },
  },
  'power-cuts': {
    story: 'machines vanish without a word, so that only silence tells, and come back',
    plan(random) {
      const nodes = nodesNamed(4)
      const actions: Action[] = publications(namesOf(nodes), random, 3 * MINUTE)
      for (let i = 0; i < 5; i++) {
        const { name: node } = random.pick(nodes)
        const at = random.below(2 * MINUTE)
        actions.push(
          { at, do: 'crash', node, silent: true },
          { at: at + random.between(1, 60) * SECOND, do: 'start', node },
        )
      }
      return { nodes, links: mesh(namesOf(nodes), random), disk: { write: [0, 10] }, actions, rounds: 8 }
    },
  },
  'sick-disks': {
    story: 'disks are full, slow, and fail now and then',
    plan(random) {
      const nodes = nodesNamed(3)
      const actions: Action[] = publications(namesOf(nodes), random, 2 * MINUTE, 5)
      for (let i = 0; i < 5; i++) {
        const { name: node } = random.pick(nodes)
        const at = random.between(5, 100) * SECOND
        const illness = random.pick([{ full: true }, { write: [200, 3_000] as const }, { failure: 0.2 }])
        actions.push({ at, do: 'disk', node, conditions: illness })
        const well = { full: false, failure: 0, write: [0, 5] as const }
        actions.push({ at: at + random.between(5, 30) * SECOND, do: 'disk', node, conditions: well })
      }
      return { nodes, links: mesh(namesOf(nodes), random), disk: { write: [0, 5] }, actions, rounds: 6 }
    },
  },
  churn: {
    story: 'nodes come and go, by turns orderly and not',
    plan(random) {
      const nodes = nodesNamed(random.between(4, 7))
      const names = namesOf(nodes)
      const actions: Action[] = publications(names, random, 3 * MINUTE, 2)
      for (let i = 0; i < 12; i++) {
        const at = random.below(3 * MINUTE)
        const node = random.pick(names)
        actions.push({ at, do: random.pick(['stop', 'crash'] as const), node })
        actions.push({ at: at + random.between(1, 40) * SECOND, do: 'start', node })
      }
      return { nodes, links: mesh(names, random), actions, rounds: roundsFor(names.length) }
    },
  },
  'long-lists': {
    story: 'two strangers with hundreds of blocks each meet, in part the same ones, and are cut off midway',
    plan(random) {
      const nodes = nodesNamed(2)
      return {
        nodes,
        links: [],
        actions: [
          { at: 0, do: 'publish', node: 'a', count: random.between(50, 250) },
          { at: 0, do: 'publish', node: 'b', count: random.between(0, 150) },
          { at: 10 * SECOND, do: 'connect', from: 'a', to: 'b' },
          { at: 10 * SECOND + random.below(500), do: 'cut', from: 'a', to: 'b' },
          { at: 12 * SECOND, do: 'publish', node: 'b', count: random.between(1, 150) },
          { at: 12 * SECOND + random.below(2_000), do: 'crash', node: 'a' },
          { at: 20 * SECOND, do: 'start', node: 'a' },
        ],
        disk: { write: [0, 3] },
        conditions: 'internet',
        rounds: 5,
      }
    },
  },
  'small-differences': {
    story: 'two who share hundreds of blocks write a few more while they are apart; one may know no extension',
    plan(random) {
      const nodes = nodesNamed(2)
      const apart = random.between(30, 60) * SECOND
      const few = () => random.pick([0, 1, 2, 5, 20, 60])
      return {
        nodes: nodes.map((node, i) => ({ ...node, ...(i === random.below(4) && { plain: true }) })),
        links: [['a', 'b']],
        actions: [
          { at: 0, do: 'publish', node: 'a', count: random.between(60, 300) },
          { at: 0, do: 'publish', node: 'b', count: random.between(20, 200) },
          { at: apart, do: 'disconnect', from: 'a', to: 'b' },
          { at: apart + SECOND, do: 'publish', node: 'a', count: few() },
          { at: apart + SECOND, do: 'publish', node: 'b', count: few() },
          random.chance(0.5)
            ? { at: apart + 10 * SECOND, do: 'connect', from: 'a', to: 'b' }
            : { at: apart + 10 * SECOND, do: 'connect', from: 'b', to: 'a' },
        ],
        conditions: random.pick(['lan', 'internet'] as const),
        rounds: 3,
      }
    },
  },
} satisfies Record<string, Scenario>
