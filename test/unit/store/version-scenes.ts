import { createBlock, type VerifiedBlock } from '../../../src/block/index'
import { memoryStorage, openBlockStore, type BlockStore, type StoredBlock } from '../../../src/store/index'
import { CosmicValidator } from '../../../src/validate/index'
import { signerOf } from '../../tools/stored-block'

export interface VersionFields {
  readonly supersedes?: readonly string[]
  readonly time?: number
  readonly author?: number
  readonly text?: string
  readonly tags?: readonly string[]
  readonly vector?: readonly number[]
  readonly admitted?: boolean
}

async function stored(block: { bytes: Uint8Array }, admitted = true): Promise<StoredBlock> {
  const verdict = await new CosmicValidator().validate(block.bytes)
  const verified = (verdict as { block: VerifiedBlock }).block
  return admitted ? { block: verified, admitted } : { block: verified, admitted, code: 'policy' }
}

/** A signed version of a text. */
export async function version(fields: VersionFields = {}): Promise<StoredBlock> {
  const { supersedes = [], time = 1000, author = 1, text = 'text', tags = [], vector = [1, 0] } = fields
  const input = { type: 'text', content: text } as const
  const block = await createBlock(
    { embedding: vector, model: 'test:two', input, tags, time, supersedes },
    await signerOf(author),
  )
  return stored(block, fields.admitted)
}

/** The withdrawal of a block by its author, or by another. */
export async function retraction(of: StoredBlock, author = 1, admitted = true): Promise<StoredBlock> {
  const { id, time } = of.block
  const { supersedes = [] } = of.block.opaque ? {} : of.block
  const block = await createBlock({ retraction: { block: id }, supersedes, time: time + 1 }, await signerOf(author))
  return stored(block, admitted)
}

export async function storeOf(...blocks: readonly StoredBlock[]): Promise<BlockStore> {
  const store = await openBlockStore(memoryStorage())
  await store.put(blocks)
  return store
}

export const idOf = ({ block }: StoredBlock) => block.id
