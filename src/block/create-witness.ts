import { Cid, CosmicError } from '../base/index'
import type { SigningIdentity } from '../signer/index'
import type { SharedFields } from './block-fields'
import { createBlock } from './create-block'
import type { Inclusion, WitnessBlock } from './evidence-types'
import { LIMITS } from './limits'
import { MerkleTree } from './merkle-tree'

/** A witness's signature and, for each of several blocks, what leads from it to the signature. */
export interface Witnessed {
  readonly block: WitnessBlock
  /** In the order of the ids; empty when there was one id only, which the block names itself. */
  readonly inclusions: readonly Inclusion[]
}

/**
 * States with one signature that blocks existed by now, or by `time`: what a witness signs, it has seen. For several ids it
 * signs the root of their Merkle tree; `createBlock({ inclusion }, signer)` makes the block that carries an inclusion, by
 * anyone. Give ids as they come: an id that is repeated is included once.
 *
 * Rejects `missing-field` for no id, `bad-cid` for what is no id, `too-large` for more than 2^30, and as `createBlock` does.
 *
 * @example
 * ```ts
 * const { block, inclusions } = await createWitness(ids, signer)
 * await client.publish(block)
 * for (const inclusion of inclusions) await client.publish(await createBlock({ inclusion }, signer))
 * ```
 */
export async function createWitness(
  ids: Iterable<string>,
  signer: SigningIdentity,
  fields: SharedFields = {},
): Promise<Witnessed> {
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
