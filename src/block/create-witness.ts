import { loadOnce } from '../base/index'
import type { SigningIdentity } from '../signer/index'
import type { SharedFields } from './block-fields'
import type { Inclusion, WitnessBlock } from './evidence-types'

/** A witness's signature and, for each of several blocks, what leads from it to the signature. */
export interface Witnessed {
  readonly block: WitnessBlock
  /** In the order of the ids; empty when there was one id only, which the block names itself. */
  readonly inclusions: readonly Inclusion[]
}

/** Loaded by those who witness. */
const batches = /* @__PURE__ */ loadOnce(() => import('./witness-batch'))

/**
 * States with one signature that blocks existed by now, or by `time`: what a witness signs, it has seen. For several ids it
 * signs the root of their Merkle tree; `createBlock({ inclusion }, signer)` makes the block that carries an inclusion, by
 * anyone. Give ids as they come: an id that is repeated is included once.
 *
 * Rejects `bad-type` for what is no list, `missing-field` for no id, `bad-cid` for what is no id, `too-large` for more than 2^30, and as `createBlock` does.
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
  const { witnessBatch } = await batches()
  return witnessBatch(ids, signer, fields)
}
