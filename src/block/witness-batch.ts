import { Cid, CosmicError } from '../base/index'
import type { SigningIdentity } from '../signer/index'
import type { SharedFields } from './block-fields'
import { createBlock } from './create-block'
import type { Witnessed } from './create-witness'
import { LIMITS } from './limits'
import { MerkleTree } from './merkle-tree'

/** What `createWitness` does. */
export async function witnessBatch(
  ids: Iterable<string>,
  signer: SigningIdentity,
  fields: SharedFields,
): Promise<Witnessed> {
  if (typeof (ids as Partial<Iterable<string>> | null)?.[Symbol.iterator] !== 'function')
    throw new CosmicError({ code: 'bad-type', field: 'ids', hint: 'a list of ids' })
  const unique = [...new Set(ids)]
  const [only] = unique
  if (only === undefined) throw new CosmicError({ code: 'missing-field', field: 'ids' })
  if (unique.length === 1) {
    return { block: await createBlock({ ...fields, witness: { block: only } }, signer), inclusions: [] }
  }
  if (unique.length > LIMITS.batch) throw new CosmicError({ code: 'too-large', field: 'ids', limit: LIMITS.batch })
  const tree = new MerkleTree(unique.map(leafOf))
  const block = await createBlock({ ...fields, witness: { root: tree.root, size: unique.length } }, signer)
  const inclusions = unique.map((id, index) => ({ witness: block.id, block: id, index, path: tree.path(index) }))
  return { block, inclusions }
}

/** The binary form of an id, which is its leaf. */
function leafOf(id: string): Uint8Array {
  const read = Cid.parse(id)
  if (!read.ok) throw new CosmicError({ code: 'bad-cid', field: 'ids' })
  return read.value.bytes
}
