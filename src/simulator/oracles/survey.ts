import { attempt } from '../../base/index'
import type { Block } from '../../block/index'
import { decodeEntry, type DeferredEntry, everyEntry } from '../../ingest/index'
import { type BlockStore, SortedChunks, type StoredBlock } from '../../store/index'
import { heldBlocks, type Member, memberOf, storeOf, stubsOf } from '../held-set'
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

/** What was read of a disk stays true of the same image. */
const READ = new WeakMap<object, Promise<Omit<Surveyed, 'node'>>>()

/** Reads the disk of a node with the production store, beside the node. */
export async function survey(node: SimulatedNode): Promise<Surveyed> {
  const { image } = node.disk
  const reading = READ.get(image) ?? read(node)
  READ.set(image, reading)
  const found = await reading.catch((error: unknown) => unreadable(node, error))
  node.highestFloor = Math.max(node.highestFloor, found.floor)
  return { node, ...found }
}

async function read({ disk }: SimulatedNode): Promise<Omit<Surveyed, 'node'>> {
  const store = await storeOf(disk.image)
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
async function unreadable(node: SimulatedNode, error: unknown): Promise<Omit<Surveyed, 'node'>> {
  node.world.violate('readable', `its disk cannot be read: ${String(error)}`, node)
  return { store: await storeOf(SortedChunks.empty), held: new Map(), stubs: new Set(), floor: 0, waiting: [] }
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
