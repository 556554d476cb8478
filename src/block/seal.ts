import { random as platformRandom } from '#platform'
import { CosmicError, equal, type Random } from '../base/index'
import { encryptTo } from '../signer/index'
import type { Recipient } from './block-fields'
import { LIMITS } from './limits'
import { commitmentTo, CONTENT_KEY_LENGTH, encryptContent, wrapContext } from './sealed-content'
import type { KeyWrap, Sealed, SealedContent } from './sealed-types'

/** Encrypts a content under a new key, and that key to every recipient. */
export async function seal(
  content: SealedContent,
  author: Uint8Array,
  recipients: readonly Recipient[],
  random: Random = platformRandom,
): Promise<Sealed> {
  const contentKey = random.bytes(CONTENT_KEY_LENGTH)
  const commitment = commitmentTo(contentKey)
  const data = encryptContent(contentKey, author, content)
  return { commitment, data, wraps: await wrapKey(contentKey, author, recipients, { random }) }
}

/** The content key for each recipient, once; `block` binds the wraps to a block that is sealed already. */
export async function wrapKey(
  contentKey: Uint8Array,
  author: Uint8Array,
  recipients: readonly Recipient[],
  { block, random = platformRandom }: { block?: string; random?: Random } = {},
): Promise<KeyWrap[]> {
  const context = wrapContext(author, commitmentTo(contentKey), block)
  const wraps: KeyWrap[] = []
  for (const recipient of publicKeys(recipients)) {
    const { enc, ciphertext: key } = await encryptTo(recipient, context, contentKey, random)
    wraps.push({ recipient, enc, key })
  }
  return wraps
}

function publicKeys(recipients: readonly Recipient[]): Uint8Array[] {
  const refuse = (code: 'bad-type' | 'bad-value' | 'too-large', hint: string, field = 'recipients') =>
    new CosmicError({ code, field, hint, ...(code === 'too-large' && { limit: LIMITS.recipients }) })
  if (!Array.isArray(recipients)) throw refuse('bad-type', 'an array')
  const keys: Uint8Array[] = []
  for (const [i, recipient] of (recipients as readonly Recipient[]).entries()) {
    const key = recipient instanceof Uint8Array ? recipient : recipient?.profile?.encryption?.[0]
    if (key?.length !== 32)
      throw refuse('bad-type', 'an X25519 public key of 32 bytes, or a profile', `recipients[${i}]`)
    if (!keys.some(known => equal(known, key))) keys.push(Uint8Array.from(key))
  }
  if (keys.length === 0) throw refuse('bad-value', 'at least one')
  if (keys.length > LIMITS.recipients) throw refuse('too-large', 'share it with the others later')
  return keys
}
