import type { Action } from '../plan'
import type { SeededRandom } from '../seeded-random'
import { MINUTE, namesOf, nodesNamed, publications, SECOND, star, type Scenario } from './scenario'

/** So long that no audit comes by itself: what converges does so from the arrival logs, or because they were seen to be others. */
const NO_AUDIT = 40 * MINUTE

/** Somebody and the hub are parted for a while, in which both write. */
function apart(random: SeededRandom, hub: string, others: readonly string[]): Action[] {
  const at = random.between(20, 150) * SECOND
  const from = random.pick(others)
  const end = at + random.between(5, 40) * SECOND
  return [
    { at, do: 'isolate', node: from },
    { at: at + 1, do: 'cut', from, to: hub },
    ...[from, hub].map(node => ({ at: at + 2 * SECOND, do: 'publish' as const, node, count: random.between(1, 5) })),
    { at: end, do: 'heal' },
  ]
}

/** After its loss the hub writes before anybody reaches it: its log goes on otherwise than others remember it. */
function alone(random: SeededRandom, hub: string, lost: number): Action[] {
  return [
    { at: lost - 1, do: 'isolate', node: hub },
    { at: lost + 2 * SECOND, do: 'publish', node: hub, count: random.between(1, 8) },
    { at: lost + 8 * SECOND, do: 'heal' },
  ]
}

/** Stories of arrival logs that sessions go on from. */
export const LOG_SCENARIOS = {
  'from-log-to-log': {
    story: 'agents are parted again and again, and hubs are restored or wiped, while no audit comes by itself',
    plan(random) {
      const nodes = nodesNamed(random.between(2, 4))
      const [hub, ...others] = namesOf(nodes) as [string, ...string[]]
      const at = (from: number, to: number) => random.between(from, to) * SECOND
      const cuts: Action[] = Array.from({ length: random.between(2, 6) }, () => apart(random, hub, others)).flat()
      const backup = at(20, 60)
      const lost = backup + at(5, 90)
      const loss: readonly Action[] = random.pick<readonly Action[]>([
        [],
        [{ at: lost, do: 'wipe', node: hub }, ...alone(random, hub, lost)],
        [{ at: backup, do: 'backup', node: hub }, { at: lost, do: 'restore', node: hub }, ...alone(random, hub, lost)],
      ])
      return {
        nodes,
        links: star(hub, others),
        timing: { audit: NO_AUDIT },
        actions: [...publications([hub, ...others], random, 3 * MINUTE), ...cuts, ...loss],
        rounds: 0,
      }
    },
  },
} satisfies Record<string, Scenario>
