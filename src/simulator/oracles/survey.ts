import { attempt } from '../../base/index'
import type { Block } from '../../block/index'
import { decodeEntry, type DeferredEntry, everyEntry } from '../../ingest/index'
import { type BlockStore, memoryStorage, openBlockStore, type StoredBlock } from '../../store/index'
import { hasSettled } from '../ask-check'
import { heldBlocks, type Member, memberOf, stubsOf } from '../held-set'
import { lookAt } from '../look'
import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'

/** One node as its disk shows it. */
export interface Surveyed {
  readonly node: SimulatedNode
  readonly store: BlockStore
  readonly held: ReadonlyMap<string, StoredBlock>
  /** Ids that are kept without their blocks. */
  readonly stubs: ReadonlySet<string>
  /** Nothing dated before it is synced. */
  readonly floor: number
  /** Blocks that wait for their time. */
  readonly waiting: readonly DeferredEntry[]
}

type Found = Omit<Surveyed, 'node'>

/** What was read of a disk stays true of the same image, for all nodes that read it in the usual way. */
const READ = new WeakMap<object, Promise<Found>>()
const READ_BY = new WeakMap<SimulatedNode, typeof READ>()

/** Reads the disk of a node with the production store, beside the node and through the adapter of its owner. */
export async function survey(node: SimulatedNode): Promise<Surveyed> {
  const { image } = node.disk
  const known = readingsOf(node)
  const reading = known.get(image) ?? read(node)
  known.set(image, reading)
  const found = await reading.catch((error: unknown) => unreadable(node, String(error)))
  node.highestFloor = Math.max(node.highestFloor, found.floor)
  return { node, ...found }
}

/** The same while time goes by, which adapters may need; never called by what happens in the world. */
export async function surveyInTime(node: SimulatedNode): Promise<Surveyed> {
  const surveying = survey(node)
  if (!node.options.client || (await hasSettled(surveying, node.world.scheduler))) return surveying
  return { node, ...(await unreadable(node, 'it has no answer')) }
}

function readingsOf(node: SimulatedNode): typeof READ {
  if (!node.options.client) return READ
  const own = READ_BY.get(node) ?? new WeakMap()
  READ_BY.set(node, own)
  return own
}

async function read(node: SimulatedNode): Promise<Found> {
  const { store } = await lookAt(node)
  const { floor, pruned } = await store.stats()
  const stubs = await (pruned > 0 ? stubsOf(store) : new Set<string>())
  return { store, held: await heldBlocks(store), stubs, floor, waiting: await waitingIn(store) }
}

/** What is damaged is left out: its client drops it. */
async function waitingIn({ side }: BlockStore): Promise<DeferredEntry[]> {
  const entries: DeferredEntry[] = []
  for await (const [key, value] of side.range(everyEntry())) {
    const entry = attempt(() => decodeEntry(key, value))
    if (entry.ok) entries.push(entry.value)
  }
  return entries
}

/** What a disk shows that the production store cannot read: nothing, which is a violation. */
async function unreadable(node: SimulatedNode, why: string): Promise<Found> {
  node.world.violate('readable', `its disk cannot be read: ${why}`, node)
  const store = await openBlockStore(memoryStorage())
  return { store, held: new Map(), stubs: new Set(), floor: 0, waiting: [] }
}

type Pair = readonly [SimulatedNode, SimulatedNode]

/** Running nodes that the wishes of their users connect, the pair of one identity apart. */
export function connectedPairs(world: World): Pair[] {
  const pairs: Pair[] = []
  for (const node of world.nodes.values())
    for (const name of node.wishes) {
      const other = world.nodes.get(name)
      const isKnown = other?.wishes.has(node.name) && other.name < node.name
      if (node.life && other?.life && other.did !== node.did && !isKnown) pairs.push([node, other])
    }
  return pairs
}

/** What two nodes must hold alike: neither below a floor, nor dated ahead of a clock, nor expired for either. */
export function comparable(pair: readonly Surveyed[]): (member: Member) => boolean {
  const floor = Math.max(...pair.map(({ floor }) => floor))
  const ceiling = Math.min(...pair.map(({ node: { clock, maxSkew } }) => clock.now() + maxSkew))
  const latest = Math.max(...pair.map(({ node: { clock } }) => clock.now()))
  return ({ time, expires }) => time >= floor && time <= ceiling && (expires === undefined || expires > latest)
}

/** What one holds that the other wants, and has neither whole nor as a stub. */
export function lackingIds(holding: Surveyed, lacking: Surveyed): string[] {
  const isComparable = comparable([holding, lacking])
  const wants = (block: Block) => lacking.node.wants.wants(block)
  const ids: string[] = []
  for (const [id, stored] of holding.held)
    if (!lacking.held.has(id) && !lacking.stubs.has(id) && isComparable(memberOf(stored)) && wants(stored.block))
      ids.push(id)
  return ids
}
