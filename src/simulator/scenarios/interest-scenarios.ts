import type { Interest } from '../../sync/index'
import type { Action } from '../plan'
import type { SeededRandom } from '../seeded-random'
import { BEGINNING } from '../simulated-node'
import { mesh, MINUTE, namesOf, nodesNamed, publications, roundsFor, type Scenario, SECOND } from './scenario'

/** So long that no audit comes by itself: what somebody wants from now on comes because of that. */
const NO_AUDIT = 40 * MINUTE

const LAST_CHANGE = 4 * MINUTE
const MEETING = 150 * SECOND

/** What blocks are about, beside who wrote them. */
const TOPICS = ['news', 'maps', 'songs'] as const

/** One thing that an agent may want; some of them are of the same collection, and some of everything. */
function interest(names: readonly string[], random: SeededRandom): Interest {
  const [author, other] = random.shuffle(names) as [string, string]
  const topic = random.pick(TOPICS)
  return random.pick<Interest>([
    { author },
    { author, tags: [topic] },
    { tags: [topic] },
    { tags: [topic, other] },
    { tags: [`nothing-${random.below(50)}`] },
    { kind: 'embedding', since: BEGINNING + random.below(2 * MINUTE) },
    { until: BEGINNING + random.below(2 * MINUTE) + 1 },
    { model: 'sim:two', tags: [topic] },
    { kind: 'profile' },
  ])
}

/** Everything, nothing, a few things, or more than an audit compares one by one. */
function interests(names: readonly string[], random: SeededRandom): readonly Interest[] {
  const count = random.pick([0, 1, 1, 2, 2, 3, 20])
  if (random.chance(0.1)) return [{}]
  return Array.from({ length: count }, () => interest(names, random))
}

/** Everything, or every topic. */
function more(random: SeededRandom): readonly Interest[] {
  return random.chance(0.5) ? [{}] : TOPICS.map(topic => ({ tags: [topic] }))
}

/** Everybody writes about something now and then. */
function writings(names: readonly string[], random: SeededRandom, until: number): Action[] {
  return publications(names, random, until).map(action =>
    action.do === 'publish' ? { ...action, tags: random.shuffle(TOPICS).slice(0, random.below(3)) } : action,
  )
}

/** Somebody is away while others write, withdraw and change their minds. */
function absence(names: readonly string[], random: SeededRandom): Action[] {
  const node = random.pick(names)
  const at = random.between(20, 120) * SECOND
  const end = at + random.between(5, 60) * SECOND
  const during = at + random.between(1, 4) * SECOND
  const meanwhile: readonly Action[] = [
    { at: during, do: 'retract', node: random.pick(names), count: random.between(1, 4) },
    { at: during, do: 'want', node: random.pick(names), interests: interests(names, random) },
    { at: during, do: 'publish', node: random.pick(names), count: 2, tags: [random.pick(TOPICS)] },
  ]
  const away = random.pick<readonly Action[]>([
    [
      { at, do: 'isolate', node },
      { at: end, do: 'heal' },
    ],
    [
      { at, do: 'stop', node },
      { at: end, do: 'start', node },
    ],
    [
      { at, do: 'crash', node },
      { at: end, do: 'start', node },
    ],
  ])
  return [...away, ...meanwhile]
}

/** Stories of agents that want different parts of one growing set. */
export const INTEREST_SCENARIOS = {
  'each-to-their-own': {
    story: 'agents want different authors, topics and times, and change their minds while they are connected or away',
    plan(random) {
      const nodes = nodesNamed(random.between(2, 5))
      const names = namesOf(nodes)
      const actions: Action[] = writings(names, random, 3 * MINUTE)
      for (let i = random.between(1, 8); i > 0; i--)
        actions.push({
          ...{ at: random.between(5, 180) * SECOND, do: 'want', node: random.pick(names) },
          interests: interests(names, random),
        })
      for (let i = random.between(0, 3); i > 0; i--) actions.push(...absence(names, random))
      // When all is quiet, somebody wants more: no reconnection and no fault brings it.
      actions.push({ at: LAST_CHANGE, do: 'want', node: random.pick(names), interests: more(random) })
      const isQuiet = random.chance(0.6)
      const links = mesh(names, random)
      // Strangers have withdrawn things before they meet: only an audit tells of it.
      const areStrangers = random.chance(0.6)
      if (areStrangers) {
        for (const node of names) actions.push({ at: MEETING - 5 * SECOND, do: 'retract', node, count: 2 })
        for (const [from, to] of links) actions.push({ at: MEETING, do: 'connect', from, to })
      }
      return {
        nodes: nodes.map(node => (random.chance(0.8) ? { ...node, interests: interests(names, random) } : node)),
        links: areStrangers ? [] : links,
        ...(isQuiet && { timing: { audit: NO_AUDIT } }),
        ...(random.chance(0.4) && {
          hostiles: [{ name: 'foe', attack: random.pick(ATTACKS), targets: [random.pick(names)] }],
        }),
        actions,
        rounds: isQuiet ? 0 : roundsFor(names.length),
      }
    },
  },
} satisfies Record<string, Scenario>

const ATTACKS = ['interest-flood', 'interest-hoard', 'fickle'] as const
