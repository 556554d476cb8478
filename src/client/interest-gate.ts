import { decodeBlock } from '../block/index'
import type { BlockStore } from '../store/index'
import {
  CONTROL_KINDS,
  isMatched,
  isWanted,
  type BlockTraits,
  type IngestResult,
  type Interests,
  type SyncItem,
  traitsOf,
} from '../sync/index'

/** Control blocks of one author that are kept beside what is wanted: enough to withdraw and to rotate, too few to fill a disk. */
export const CONTROL_QUOTA = 4_096

/** When a block that found no room may be asked for again, in milliseconds. */
const AGAIN_MS = 600_000

/** Blocks that are read at once, to look at what they are. */
const AT_ONCE = 64

type Incoming = { readonly id: string; readonly bytes: Uint8Array }
type Store = Pick<BlockStore, 'getMany' | 'count'>

/** Those of the items that are held and wanted. */
export async function chooseItems(
  store: Store,
  items: readonly SyncItem[],
  interests: Interests,
): Promise<readonly SyncItem[]> {
  const chosen: SyncItem[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE)
    const stored = await store.getMany(some.map(({ id }) => id))
    chosen.push(...some.filter((_, i) => stored[i] && isWanted(traitsOf(stored[i].block), interests)))
  }
  return chosen
}

/**
 * What does not get in, by id: what is not wanted, and the control blocks of an author who has brought too many. What cannot
 * be read gets in, to be refused for that.
 */
export async function turnAway(
  store: Store,
  blocks: readonly Incoming[],
  interests: Interests,
): Promise<ReadonlyMap<string, IngestResult>> {
  const away = new Map<string, IngestResult>()
  const room = new Map<string, number>()
  for (const { id, bytes } of blocks) {
    const block = decodeBlock(bytes)
    if (!block.ok) continue
    const traits = traitsOf(block.value)
    if (isMatched(traits, interests)) continue
    const left = CONTROL_KINDS.includes(traits.kind)
      ? (room.get(traits.author) ?? (await roomFor(store, traits)))
      : undefined
    if (left === undefined) away.set(id, { id, status: 'refused', code: 'policy' })
    else if (left <= 0) away.set(id, { id, status: 'deferred', code: 'limit', wait: AGAIN_MS })
    if (left !== undefined) room.set(traits.author, left - 1)
  }
  return away
}

/** How many more control blocks of an author may come. */
async function roomFor(store: Store, { author }: BlockTraits): Promise<number> {
  let held = 0
  for (const kind of CONTROL_KINDS)
    held += await store.count({ author, kind, admittedOnly: false, limit: CONTROL_QUOTA })
  return CONTROL_QUOTA - held
}
