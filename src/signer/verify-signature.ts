import { testedNative } from './native'
import { noble } from './noble'

/**
 * Whether an Ed25519 signature is valid under ZIP-215 (https://zips.z.cash/zip-0215), the same answer on every runtime:
 * what native code accepts is accepted, what it rejects is rechecked with the cofactored equation, whose answer is final.
 * Keys and signatures of another length are invalid. A recheck costs about ten native checks, so callers compare ids and
 * shapes first and bound what each peer may send.
 *
 * ZIP-215 lets anyone sign for small-order keys: an identity must also pass `isAcceptableIdentity`.
 *
 * @example
 * ```ts
 * await verifySignature(signer.publicKey, message, await signer.sign(message)) // true
 * ```
 */
export async function verifySignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const { verify } = await testedNative()
  if (verify !== undefined && (await acceptedBy(verify, publicKey, message, signature))) return true
  return noble().verify(signature, message, publicKey, { zip215: true })
}

/** Some runtimes throw on keys that are no curve points; that is a reject, and rechecked like one. */
async function acceptedBy(
  verify: (...args: [Uint8Array, Uint8Array, Uint8Array]) => boolean | Promise<boolean>,
  ...args: [Uint8Array, Uint8Array, Uint8Array]
): Promise<boolean> {
  try {
    return await verify(...args)
  } catch {
    return false
  }
}
