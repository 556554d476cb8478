import { anything, randomPort, record, refuse, type Random } from '../base/index'

/** How a seed is encrypted. */
export interface EncryptionOptions {
  /** log2 of scrypt's N, 14 … 18 (16 … 256 MiB of memory), with r = 8 and p = 1; default 17. */
  readonly cost?: number
  /** Default: the runtime's cryptographic randomness. */
  readonly random?: Random
}

const readOptions = /* @__PURE__ */ record<EncryptionOptions>({ cost: anything, random: randomPort })

/** Throws `bad-value` for what cannot be a passphrase, and for options that are none. */
export function checkEncryption(passphrase: string, options: EncryptionOptions = {}): EncryptionOptions {
  if (typeof passphrase !== 'string' || passphrase === '') refuse('bad-value', 'passphrase', 'a text that is not empty')
  return readOptions(options, '')
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
  const { sealSeed } = await import('./seed-box')
  return sealSeed(seed, passphrase, checkEncryption(passphrase, options))
}

/**
 * The seed of `encryptSeed`. Damage is told apart from a wrong passphrase by a checksum: `damaged-key` for bytes that are no
 * whole encrypted seed of this version or ask for a cost outside the bounds (before any work is done), `wrong-passphrase`
 * when they are whole and do not open.
 */
export async function decryptSeed(bytes: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const { openSeed } = await import('./seed-box')
  checkEncryption(passphrase)
  return openSeed(bytes, passphrase)
}
