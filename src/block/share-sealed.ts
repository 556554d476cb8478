import { checkNames, CosmicError, fields, type Random, randomPort, unwrap } from '../base/index'
import type { DecryptionKey, SigningIdentity } from '../signer/index'
import type { Recipient } from './block-fields'
import { createBlock } from './create-block'
import type { OpenOptions } from './open-sealed'
import type { KeywrapBlock, SealedBlock } from './sealed-types'

export interface ShareOptions extends OpenOptions {
  /** Milliseconds since the Unix epoch, or a `Date`; default: now. */
  readonly time?: number | Date
  /** Default: the runtime's cryptographic randomness; give a seeded one in simulations only. */
  readonly random?: Random
}

/**
 * Makes a `keywrap` block that lets further recipients read a sealed block. Only its author can, and needs a key that opens
 * it. Who may read a block may not be taken back. Rejects `bad-value` for another author's block, and as `openSealed` and
 * `createBlock` do.
 *
 * @example
 * ```ts
 * await client.publish(await shareSealed(block, myKey, [newcomersProfile], signer))
 * ```
 */
export async function shareSealed(
  block: SealedBlock,
  keys: DecryptionKey | readonly DecryptionKey[],
  recipients: readonly Recipient[],
  signer: SigningIdentity,
  given: ShareOptions = {},
): Promise<KeywrapBlock> {
  checkNames(fields(given, 'options'), ['time', 'random', 'keywraps'])
  const { time, random, ...options } = given
  if (random !== undefined) randomPort(random, 'random')
  if (fields(signer, 'signer').did !== fields(block, 'block').author) {
    throw new CosmicError({ code: 'bad-value', field: 'signer', hint: 'only the author of a sealed block shares it' })
  }
  const { contentKeyOf, wrapKey } = await import('./sealing')
  const contentKey = unwrap(await contentKeyOf(block, keys, options))
  const wraps = await wrapKey(contentKey, signer.publicKey, recipients, { block: block.id, ...(random && { random }) })
  const { commitment } = block.sealed
  return createBlock({ keywrap: { block: block.id, commitment, wraps }, ...(time !== undefined && { time }) }, signer)
}
