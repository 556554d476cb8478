import { Cid, unwrap } from '../base/index'
import {
  type BlockStore,
  type KeyValueStorage,
  openBlockStore,
  type SortedChunks,
  type StoredBlock,
} from '../store/index'
import { SeededRandom } from './seeded-random'
import { Scheduler } from './scheduler'
import { SimulatedDisk } from './simulated-disk'

const USER = { alive: true }

/** A storage over a copy of a disk's image, whose disk takes no time: for looking, never for the nodes. */
export function storageOf(image: SortedChunks): KeyValueStorage {
  const disk = new SimulatedDisk(new Scheduler(), new SeededRandom('look'))
  disk.image = image
  return disk.open(USER)
}

/** The production store over a copy of a disk's image. */
export function storeOf(image: SortedChunks): Promise<BlockStore> {
  return openBlockStore(storageOf(image))
}

/** The image as the store's own repair leaves it. */
export async function repaired(image: SortedChunks): Promise<SortedChunks> {
  const disk = new SimulatedDisk(new Scheduler(), new SeededRandom('repair'))
  disk.image = image
  const store = await openBlockStore(disk.open(USER), { random: new SeededRandom('epoch') })
  for await (const _ of store.repair!()) continue
  await store.close()
  return disk.image
}

/** One member of the set that a node holds. */
export interface Member {
  readonly id: string
  readonly time: number
  readonly expires?: number
}

/** Everything that a store holds whole, by id. */
export async function heldBlocks(store: BlockStore): Promise<Map<string, StoredBlock>> {
  const held = new Map<string, StoredBlock>()
  for await (const stored of store.query({ admittedOnly: false })) held.set(stored.block.id, stored)
  return held
}

/** The ids that a store keeps without their blocks. */
export async function stubsOf(store: BlockStore): Promise<Set<string>> {
  const stubs = new Set<string>()
  for await (const { id, state } of store.log()) if (state === 'pruned') stubs.add(id)
  return stubs
}

export function memberOf({ block }: StoredBlock): Member {
  const { id, time } = block
  const expires = block.opaque ? undefined : block.expires
  return { id, time, ...(expires !== undefined && { expires }) }
}

/** The 32 bytes inside an id. */
export function digestOfId(id: string): Uint8Array {
  return unwrap(Cid.parse(id)).digest
}
