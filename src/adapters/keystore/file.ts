import { CosmicError, fromBase64url, text, toBase64url, utf8 } from '../../base/index'
import {
  checkEncryption,
  decryptSeed,
  encryptSeed,
  Signer,
  type EncryptionOptions,
  type KeyStore,
} from '../../signer/index'
import { keyFile } from './key-file'

const FORMAT = 'cosmic-embeddings/key/1'

/**
 * Keeps an identity in a file that only its owner may read (mode 0600 where the system has modes). The file appears whole
 * or not at all, is never replaced by another identity (`identity-exists`), and is refused as `bad-seed` when it is damaged:
 * it names the did:key of its seed, which must fit. Other trouble with the file is `storage`, with the system's error as cause.
 *
 * @example
 * ```ts
 * import { Signer } from 'cosmic-embeddings'
 * import { fileKeyStore } from 'cosmic-embeddings/keystore/file'
 *
 * const signer = await Signer.loadOrGenerate(fileKeyStore('agent.key'))
 * ```
 */
export function fileKeyStore(path: string): KeyStore {
  return keyFile(text(path, 'path'), { write: writePlain, read: readPlain })
}

/**
 * `fileKeyStore` whose file is encrypted under a passphrase (`encryptSeed`). Rejects `wrong-passphrase` when the file is whole
 * and does not open, `damaged-key` when it is not whole; a file that is there is never overwritten, whatever the passphrase.
 * Opening it takes a fraction of a second and 128 MiB of memory, on purpose: that is what each guess costs a thief.
 *
 * @example
 * ```ts
 * import { Signer } from 'cosmic-embeddings'
 * import { encryptedFileKeyStore } from 'cosmic-embeddings/keystore/file'
 *
 * const signer = await Signer.loadOrGenerate(encryptedFileKeyStore('agent.key', passphrase))
 * ```
 */
export function encryptedFileKeyStore(path: string, passphrase: string, options: EncryptionOptions = {}): KeyStore {
  checkEncryption(passphrase, options)
  return keyFile(text(path, 'path'), {
    write: seed => encryptSeed(seed, passphrase, options),
    async read(content) {
      if ((await seedOf(content)) === undefined) return decryptSeed(content, passphrase)
      throw new CosmicError({ code: 'damaged-key', hint: 'this key is not encrypted: it opens without a passphrase' })
    },
  })
}

async function writePlain(seed: Uint8Array): Promise<Uint8Array> {
  const { did } = await Signer.fromSeed(seed)
  return utf8(`${JSON.stringify({ format: FORMAT, did, seed: toBase64url(seed) })}\n`)
}

async function readPlain(content: Uint8Array): Promise<Uint8Array> {
  const seed = await seedOf(content)
  if (seed !== undefined) return seed
  throw new CosmicError({
    code: 'bad-seed',
    hint: 'the key file is damaged, or encrypted: then it needs its passphrase',
  })
}

/** The seed, when the content is whole: its did:key is the checksum. */
async function seedOf(content: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const { format, did, seed } = JSON.parse(new TextDecoder().decode(content)) as Record<string, unknown>
    const bytes = fromBase64url(String(seed))
    if (format !== FORMAT || bytes === undefined) return undefined
    return (await Signer.fromSeed(bytes)).did === did ? bytes : undefined
  } catch {
    // Neither JSON nor a seed; the cause is withheld, since a parser's message quotes the content.
    return undefined
  }
}
