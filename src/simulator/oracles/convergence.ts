import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'
import { connectedPairs, lackingIds, survey } from './survey'

/** How the sets of two nodes that should be equal differ. */
export interface Difference {
  readonly lacking: SimulatedNode
  readonly holding: SimulatedNode
  readonly ids: readonly string[]
}

/** The first difference between running nodes that are connected, if any. */
export async function findDifference(world: World): Promise<Difference | undefined> {
  for (const [one, other] of connectedPairs(world)) {
    const [a, b] = [await survey(one), await survey(other)]
    for (const [holding, lacking] of [
      [a, b],
      [b, a],
    ] as const) {
      const ids = lackingIds(holding, lacking)
      if (ids.length > 0) return { lacking: lacking.node, holding: holding.node, ids }
    }
  }
  return undefined
}

export function reportDifference(world: World, { lacking, holding, ids }: Difference, rounds: number): void {
  const message = `lacks ${ids.length} blocks after ${rounds} rounds that ${holding.name} holds, such as ${ids[0]}`
  world.violate('convergence', message, lacking)
}

/** Audits come every now and then: rest is looked for so often, at so many milliseconds from each other. */
const LOOKS = 8
const LOOK_MS = 4_000

/** At some moment every session between running honest nodes is live, and nothing is under way. */
export async function checkRest(world: World): Promise<void> {
  for (let look = 1; ; look++) {
    const restless = await findRestless(world)
    if (!restless) return
    if (look === LOOKS) return world.violate('at-rest', restless.message, restless.node)
    await world.run(LOOK_MS)
  }
}

async function findRestless(world: World): Promise<{ node: SimulatedNode; message: string } | undefined> {
  for (const node of world.nodes.values()) {
    if (!node.client || !node.life) continue
    const status = await node.ask('status', client => client.status())
    for (const peer of status?.peers ?? []) {
      const other = world.nodeOf(peer.peer)
      if (!other?.life) continue
      const { phase, have, need, inFlight, ingesting, wanted, stalled } = peer
      const open = have + need + inFlight + ingesting + wanted
      if (phase === 'live' && open === 0 && !stalled) continue
      const why = stalled ? `, stalled: ${stalled}` : ''
      return { node, message: `the session with ${other.name} is ${phase}, ${open} under way${why}` }
    }
  }
  return undefined
}
