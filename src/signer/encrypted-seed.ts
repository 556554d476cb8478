import { random as platformRandom, sha256 } from '#platform'
import { concat, CosmicError, equal, utf8, type Random } from '../base/index'

/** Begins every encrypted seed and names the version; a person who opens the file reads it too. */
const MAGIC = utf8('cosmic-embeddings key 1\n')
const SEED_LENGTH = 32
const SALT_LENGTH = 16
const NONCE_LENGTH = 24
const TAG_LENGTH = 16
const CHECKSUM_LENGTH = 32

/** Where the parts stand (docs/spec/keys.md). Everything before the ciphertext is authenticated with it. */
const COST_AT = MAGIC.length
const SALT_AT = COST_AT + 1
const NONCE_AT = SALT_AT + SALT_LENGTH
const BOX_AT = NONCE_AT + NONCE_LENGTH
const CHECKSUM_AT = BOX_AT + SEED_LENGTH + TAG_LENGTH
const LENGTH = CHECKSUM_AT + CHECKSUM_LENGTH

/** Bounds of the cost: scrypt takes 2^(cost + 10) bytes of memory, so 16 to 256 MiB whatever a file says. */
const COST = { lowest: 14, usual: 17, highest: 18 }

/** How a seed is encrypted. */
export interface EncryptionOptions {
  /** log2 of scrypt's N, 14 … 18 (16 … 256 MiB of memory), with r = 8 and p = 1; default 17. */
  readonly cost?: number
  /** Default: the runtime's cryptographic randomness. */
  readonly random?: Random
}

/**
 * Encrypts a 32-byte seed under a passphrase into 145 bytes that any key store can keep: scrypt (RFC 7914) makes the key,
 * XChaCha20-Poly1305 seals the seed and authenticates the header. Rejects `bad-seed`, `bad-value` for an empty passphrase,
 * `out-of-range` for a cost outside its bounds.
 *
 * @example
 * ```ts
 * const kept = await encryptSeed(seed, 'correct horse battery staple')
 * const signer = await Signer.fromSeed(await decryptSeed(kept, 'correct horse battery staple'))
 * ```
 */
export async function encryptSeed(
  seed: Uint8Array,
  passphrase: string,
  options: EncryptionOptions = {},
): Promise<Uint8Array> {
  const { cost = COST.usual, random = platformRandom } = options
  if (!(seed instanceof Uint8Array) || seed.length !== SEED_LENGTH) {
    throw new CosmicError({ code: 'bad-seed', limit: SEED_LENGTH, hint: 'a seed is 32 bytes' })
  }
  if (!isCost(cost)) {
    throw new CosmicError({ code: 'out-of-range', field: 'cost', limit: `${COST.lowest} … ${COST.highest}` })
  }
  const header = concat(MAGIC, Uint8Array.of(cost), random.bytes(SALT_LENGTH), random.bytes(NONCE_LENGTH))
  const sealed = concat(header, (await cipherOf(header, passphrase)).encrypt(seed))
  return concat(sealed, sha256(sealed))
}

/**
 * The seed of `encryptSeed`. Damage is told apart from a wrong passphrase by a checksum: `damaged-key` for bytes that are no
 * whole encrypted seed of this version or ask for a cost outside the bounds (before any work is done), `wrong-passphrase`
 * when they are whole and do not open.
 */
export async function decryptSeed(bytes: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const header = checkedHeader(bytes)
  const cipher = await cipherOf(header, passphrase)
  try {
    return cipher.decrypt(bytes.subarray(BOX_AT, CHECKSUM_AT))
  } catch {
    throw new CosmicError({ code: 'wrong-passphrase', hint: 'the key is whole, but this passphrase does not open it' })
  }
}

function checkedHeader(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array) || bytes.length !== LENGTH) damaged(`${LENGTH} bytes`)
  if (!equal(bytes.subarray(0, COST_AT), MAGIC)) damaged('not an encrypted key of version 1')
  if (!equal(sha256(bytes.subarray(0, CHECKSUM_AT)), bytes.subarray(CHECKSUM_AT))) damaged('the checksum does not fit')
  if (!isCost(bytes[COST_AT]!)) damaged(`a cost outside ${COST.lowest} … ${COST.highest}`)
  return bytes.slice(0, BOX_AT)
}

function damaged(hint: string): never {
  throw new CosmicError({ code: 'damaged-key', hint })
}

function isCost(cost: number): boolean {
  return Number.isInteger(cost) && cost >= COST.lowest && cost <= COST.highest
}

/** Both algorithms are loaded when they are needed: most agents never encrypt a key. */
async function cipherOf(header: Uint8Array, passphrase: string) {
  if (typeof passphrase !== 'string' || passphrase === '') {
    throw new CosmicError({ code: 'bad-value', field: 'passphrase', hint: 'not empty' })
  }
  const [{ scryptAsync }, { xchacha20poly1305 }] = await Promise.all([
    import('@noble/hashes/scrypt.js'),
    import('@noble/ciphers/chacha.js'),
  ])
  const salt = header.slice(SALT_AT, NONCE_AT)
  const key = await scryptAsync(utf8(passphrase.normalize('NFC')), salt, {
    N: 2 ** header[COST_AT]!,
    r: 8,
    p: 1,
    dkLen: 32,
  })
  return xchacha20poly1305(key, header.slice(NONCE_AT), header)
}
