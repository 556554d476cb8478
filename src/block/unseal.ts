import { equal, fail, type Failure, fields, having, isObject, list, ok, type Result, such, unwrap } from '../base/index'
import { parseDidKey, type DecryptionKey, type HpkeContext } from '../signer/index'
import type { OpenOptions } from './open-sealed'
import { commitmentTo, decryptContent, wrapContext } from './sealed-content'
import type { KeywrapBlock, KeyWrap, SealedBlock, SealedContent } from './sealed-types'

/** The most keys that are tried. */
const MAX_KEYS = 10_000

/** What `openSealed` does. */
export async function unseal(
  block: SealedBlock,
  keys: DecryptionKey | readonly DecryptionKey[],
  options: OpenOptions,
): Promise<Result<SealedContent>> {
  const contentKey = await contentKeyOf(block, keys, options)
  return contentKey.ok ? decryptContent(contentKey.value, authorOf(block), block.sealed.data) : contentKey
}

const readKeys = /* @__PURE__ */ list(/* @__PURE__ */ having<DecryptionKey>('an EncryptionKey', 'decrypt'), MAX_KEYS)
const readWraps = /* @__PURE__ */ such<readonly KeywrapBlock[]>(
  value => Array.isArray(value) && value.every(each => isObject((each as KeywrapBlock | null)?.keywrap)),
  'a list of keywrap blocks',
)

/** The key of a sealed block's content, by the first wrap that opens rightly; else the first fault. */
export async function contentKeyOf(
  block: SealedBlock,
  keys: DecryptionKey | readonly DecryptionKey[],
  { keywraps = [] }: OpenOptions,
): Promise<Result<Uint8Array>> {
  const { commitment } = fields(block.sealed, 'block.sealed') as unknown as SealedBlock['sealed']
  const held = readKeys([keys].flat(), 'keys')
  readWraps(keywraps, 'keywraps')
  let fault: Failure = { code: 'not-recipient', field: 'sealed.wraps', hint: 'sealed for other keys' }
  for (const { wrap, field, context } of wrapsOf(block, keywraps)) {
    for (const key of held) {
      if (!equal(key.publicKey, wrap.recipient)) continue
      const contentKey = await key.decrypt({ enc: wrap.enc, ciphertext: wrap.key }, context)
      if (contentKey !== undefined && equal(commitmentTo(contentKey), commitment)) return ok(contentKey)
      if (fault.code === 'not-recipient') fault = faultOf(contentKey, field)
    }
  }
  return fail(fault)
}

interface BoundWrap {
  readonly wrap: KeyWrap
  readonly field: string
  readonly context: HpkeContext
}

function wrapsOf(of: SealedBlock, keywraps: readonly KeywrapBlock[]): BoundWrap[] {
  const { id, author, sealed } = of
  const publicKey = authorOf(of)
  const bind = (wraps: readonly KeyWrap[], path: string, block?: string): BoundWrap[] => {
    const context = wrapContext(publicKey, sealed.commitment, block)
    return wraps.map((wrap, i) => ({ wrap, field: `${path}.wraps[${i}]`, context }))
  }
  const own = keywraps.filter(({ author: by, keywrap }) => by === author && keywrap.block === id)
  return [...bind(sealed.wraps, 'sealed'), ...own.flatMap(({ keywrap }) => bind(keywrap.wraps, 'keywrap', id))]
}

function faultOf(contentKey: Uint8Array | undefined, field: string): Failure {
  return contentKey === undefined
    ? { code: 'bad-ciphertext', field, hint: 'altered, or made for another author or block' }
    : { code: 'bad-commitment', field, hint: 'not the key that the block commits to' }
}

function authorOf({ author }: SealedBlock): Uint8Array {
  return unwrap(parseDidKey(author))
}
