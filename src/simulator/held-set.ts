import { Cid, unwrap } from '../base/index'
import type { BlockStore, StoredBlock } from '../store/index'

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
