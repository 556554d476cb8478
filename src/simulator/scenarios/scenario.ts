import type { Action, NodePlan, Plan } from '../plan'
import type { SeededRandom } from '../seeded-random'

/** What a scenario decides; seed, name and version are added. */
export type Scene = Omit<Plan, 'version' | 'scenario' | 'seed'>

/** A kind of run: the same story for every seed, told differently. */
export interface Scenario {
  /** One line. */
  readonly story: string
  /** Takes seconds: in a run over all scenarios it comes every fifth time, and `random` else. */
  readonly heavy?: boolean
  /** Has no turn of its own in a run over all scenarios: it comes in place of a heavy one. */
  readonly fills?: boolean
  /** `turn` counts the seeds of one scenario in a run over all. */
  plan(random: SeededRandom, turn: number): Scene
}

/** Nodes `a`, `b`, … or `n1`, `n2`, … of a number. */
export function nodesNamed(count: number): NodePlan[] {
  return Array.from({ length: count }, (_, i) => ({ name: count <= 26 ? String.fromCharCode(97 + i) : `n${i + 1}` }))
}

export const namesOf = (nodes: readonly NodePlan[]) => nodes.map(({ name }) => name)

type Link = readonly [from: string, to: string]

export const chain = (names: readonly string[]): Link[] => names.slice(1).map((name, i) => [name, names[i]!])
export const star = (hub: string, others: readonly string[]): Link[] => others.map(name => [name, hub])

/** A connected graph: a random tree and some more links. */
export function mesh(names: readonly string[], random: SeededRandom, more = Math.ceil(names.length / 2)): Link[] {
  const links: Link[] = names.slice(1).map((name, i) => [name, names[random.below(i + 1)]!])
  for (let i = 0; i < more && names.length > 1; i++) {
    const [a, b] = random.shuffle(names) as [string, string]
    if (!links.some(([from, to]) => (from === a && to === b) || (from === b && to === a))) links.push([a, b])
  }
  return links
}

/** Everybody publishes something at some time before `until`. */
export function publications(names: readonly string[], random: SeededRandom, until: number, each = 3): Action[] {
  return names.flatMap(node =>
    Array.from({ length: random.between(1, each) }, () => ({
      at: random.below(until),
      do: 'publish' as const,
      node,
      count: random.between(1, 12),
      bytes: random.pick([10, 10, 200, 4_000]),
    })),
  )
}

/** Rounds that news may take over so many nodes: an audit or two a hop. */
export const roundsFor = (nodes: number) => 4 + nodes

export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
