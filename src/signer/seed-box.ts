import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { random as platformRandom, sha256 } from '#platform'
import { concat, CosmicError, equal, utf8 } from '../base/index'
import type { EncryptionOptions } from './encrypted-seed'

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

/** `encryptSeed`, loaded when it is needed: most agents never encrypt a key. */
export async function sealSeed(seed: Uint8Array, passphrase: string, options: EncryptionOptions): Promise<Uint8Array> {
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

/** `decryptSeed` likewise. */
export async function openSeed(bytes: Uint8Array, passphrase: string): Promise<Uint8Array> {
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

async function cipherOf(header: Uint8Array, passphrase: string) {
  if (typeof passphrase !== 'string' || passphrase === '') {
    throw new CosmicError({ code: 'bad-value', field: 'passphrase', hint: 'not empty' })
  }
  const salt = header.slice(SALT_AT, NONCE_AT)
  const key = await scryptAsync(utf8(passphrase.normalize('NFC')), salt, {
    N: 2 ** header[COST_AT]!,
    r: 8,
    p: 1,
    dkLen: 32,
  })
  return xchacha20poly1305(key, header.slice(NONCE_AT), header)
}
