import { type BlockStore, type KeyValueStorage, openBlockStore, type SortedChunks } from '../store/index'
import { ownedOptions, storageOver } from './client-options-of'
import { Scheduler } from './scheduler'
import { SeededRandom } from './seeded-random'
import { type DiskConditions, SimulatedDisk } from './simulated-disk'
import type { SimulatedNode } from './simulated-node'

const USER = { alive: true }

/** A copy of a disk that takes no time: whatever is written to it, the node's own is as it was. */
interface Look {
  readonly disk: SimulatedDisk
  readonly store: BlockStore
}

/** Whose time a copy takes to be written to. */
interface CopyOptions extends Pick<DiskConditions, 'write'> {
  readonly scheduler: Scheduler
}

/** Opens the production store over a copy of an image, through the adapter with which the node would run over it. */
export async function lookAt(
  node: SimulatedNode,
  image: SortedChunks = node.disk.image,
  random = new SeededRandom('epoch'),
): Promise<Look> {
  const disk = copyOf(image)
  const storage = await storageOver(node, adapted(node, disk.open(USER)), 'look')
  if ('query' in storage) return { disk, store: storage }
  return { disk, store: await openBlockStore(storage, { random }) }
}

/** What the owner of a node puts between the production store and its disk, if anything, over a copy of the disk. */
export function adapterOf(node: SimulatedNode, given?: CopyOptions): KeyValueStorage | undefined {
  const plain = copyOf(node.disk.image, given).open(USER)
  const storage = adapted(node, plain)
  return storage === plain || 'query' in storage ? undefined : storage
}

function copyOf(image: SortedChunks, given?: CopyOptions): SimulatedDisk {
  const disk = new SimulatedDisk(given?.scheduler ?? new Scheduler(), new SeededRandom('look'))
  disk.image = image
  if (given) disk.conditions = { ...disk.conditions, write: given.write }
  return disk
}

/** The image as the store's own repair leaves it. */
export async function repaired(node: SimulatedNode): Promise<SortedChunks> {
  // Each repair begins an epoch of its own.
  const { disk, store } = await lookAt(node, node.disk.image, node.random.fork(`repair/${node.world.now}`))
  for await (const _ of store.repair?.() ?? []) continue
  await store.close()
  return disk.image
}

function adapted(node: SimulatedNode, storage: KeyValueStorage): KeyValueStorage | BlockStore {
  const { given } = node
  if (!given || !node.options.client) return storage
  return ownedOptions(node, { ...given.options, storage }, given.parts).storage ?? storage
}
