import { checkNames, fields, type Result } from '../base/index'
import type { DecryptionKey } from '../signer/index'
import type { KeywrapBlock, SealedBlock, SealedContent } from './sealed-types'

export interface OpenOptions {
  /** Verified keywrap blocks, of any author and for any block: those that are not of this block's author and for this block are passed over. */
  readonly keywraps?: readonly KeywrapBlock[]
}

/**
 * Opens a sealed block with one's key, or with any of several, such as the current one and older ones. The block must be
 * verified: its signature is not checked here.
 *
 * Refused as `not-recipient` when no wrap is for these keys, `bad-ciphertext` when a wrap or the content was altered or
 * sealed under another author's name, `bad-commitment` when a wrap opens to a key that is not the one committed to, and by the
 * code and field of an `embedding` block when what was sealed is none.
 *
 * @example
 * ```ts
 * const opened = await openSealed(block, [currentKey, ...olderKeys], { keywraps })
 * if (opened.ok) console.log(opened.value.input.content, blockVector(opened.value))
 * ```
 */
export async function openSealed(
  block: SealedBlock,
  keys: DecryptionKey | readonly DecryptionKey[],
  options: OpenOptions = {},
): Promise<Result<SealedContent>> {
  checkNames(fields(options, 'options'), ['keywraps'])
  fields(block, 'block')
  const { unseal } = await import('./sealing')
  return unseal(block, keys, options)
}
