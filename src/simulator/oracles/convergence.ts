import type { PeerStatus } from '../../client/index'
import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'
import { connectedPairs, lackingIds, surveyInTime } from './survey'

/** How the sets of two nodes that should be equal differ. */
export interface Difference {
  readonly lacking: SimulatedNode
  readonly holding: SimulatedNode
  readonly ids: readonly string[]
}

/** The first difference between running nodes that are connected, if any. */
export async function findDifference(world: World): Promise<Difference | undefined> {
  for (const [one, other] of connectedPairs(world)) {
    const [a, b] = [await surveyInTime(one), await surveyInTime(other)]
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
/** An address that had failed too often before the faults ended is tried again within so many milliseconds from here. */
const RETRIED_WITHIN_MS = 90_000

/** At some moment every two nodes that should have a session have one, each is live, and nothing is under way. */
export async function checkRest(world: World): Promise<void> {
  for (let waited = 0; waited < RETRIED_WITHIN_MS && (await isSuspended(world)); waited += LOOK_MS)
    await world.run(LOOK_MS)
  for (let look = 1; ; look++) {
    const restless = await findRestless(world)
    if (!restless) return
    if (look === LOOKS) return world.violate('at-rest', restless.message, restless.node)
    await world.run(LOOK_MS)
  }
}

/** Whether a node without a session tries an address of another again only now and then. */
async function isSuspended(world: World): Promise<boolean> {
  for (const node of world.nodes.values()) {
    const status = await node.ask('status', client => client.status())
    const suspended = status?.connections.filter(({ state }) => state === 'suspended') ?? []
    if (suspended.some(({ address }) => node.wishes.has(address.slice('sim://'.length)))) return true
  }
  return false
}

interface Restless {
  readonly node: SimulatedNode
  readonly message: string
}

async function findRestless(world: World): Promise<Restless | undefined> {
  const peersOf = new Map<SimulatedNode, readonly PeerStatus[]>()
  for (const node of world.nodes.values()) {
    const status = await node.ask('status', client => client.status())
    if (status) peersOf.set(node, status.peers)
  }
  for (const [node, peers] of peersOf)
    for (const peer of peers) {
      const other = world.nodeOf(peer.peer)
      const why = other?.life && unrest(peer)
      if (why) return { node, message: `the session with ${other.name} is ${why}` }
    }
  for (const pair of connectedPairs(world))
    for (const [node, other] of [pair, [pair[1], pair[0]]] as const)
      if (isAlone(world, node) && !peersOf.get(node)?.some(({ peer }) => peer === other.did))
        return { node, message: `there is no session with ${other.name}, whom it should know` }
  return undefined
}

function unrest({ phase, have, need, inFlight, ingesting, wanted, stalled }: PeerStatus): string | undefined {
  const open = have + need + inFlight + ingesting + wanted
  if (phase === 'live' && open === 0 && !stalled) return undefined
  return `${phase}, ${open} under way${stalled ? `, stalled: ${stalled}` : ''}`
}

/** Of machines with one key a peer keeps a session with one at a time: the others have none. */
function isAlone(world: World, { did }: SimulatedNode): boolean {
  return [...world.nodes.values()].filter(node => node.life && node.did === did).length === 1
}
