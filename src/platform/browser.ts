import { sha256 as sha256OfNoble } from '@noble/hashes/sha2.js'
import { concat, KeyCache, PKCS8_HEAD } from '../base/index'
import type { ChaChaPoly, NativeEd25519, ProveHere, Prover, X25519 } from './types'

export { crc32 } from './crc32'
export { clock, nextTurn, random, timers, timeSlices } from './universal'

const ALGORITHM = { name: 'Ed25519' }

type Bytes = Uint8Array<ArrayBuffer>

const publicKeys = new KeyCache(publicKey =>
  subtle().importKey('raw', publicKey.slice() as Bytes, ALGORITHM, false, ['verify']),
)

/** By the array that holds the seed, so that a signer's key is forgotten together with the signer. */
const privateKeys = new WeakMap<Uint8Array, Promise<CryptoKey>>()

/** Pages outside a secure context have `crypto` without `subtle`; the error makes the caller fall back. */
function subtle(): SubtleCrypto {
  const found = globalThis.crypto.subtle as SubtleCrypto | undefined
  if (found === undefined) throw new Error('WebCrypto is available in secure contexts only')
  return found
}

function privateKey(seed: Uint8Array): Promise<CryptoKey> {
  const known = privateKeys.get(seed)
  if (known !== undefined) return known
  const key = subtle().importKey('pkcs8', concat(PKCS8_HEAD, seed) as Bytes, ALGORITHM, false, ['sign'])
  privateKeys.set(seed, key)
  return key
}

/** WebCrypto's Ed25519 (https://www.w3.org/TR/webcrypto-2/). Rejects where the runtime lacks it. */
export const nativeEd25519: NativeEd25519 | undefined = {
  async sign(seed, message) {
    return new Uint8Array(await subtle().sign(ALGORITHM, await privateKey(seed), message as Bytes))
  },
  async verify(publicKey, message, signature) {
    return subtle().verify(ALGORITHM, await publicKeys.get(publicKey), signature as Bytes, message as Bytes)
  },
}

/** WebCrypto checks beside the calling thread. */
export const prover: Prover | undefined = undefined

/** One equation for many, in the calling thread. */
export async function openProveHere(): Promise<ProveHere | undefined> {
  return (await import('./ed25519/prove-here.plain')).openPlainProver()
}

/** WebCrypto knows no ChaCha20. */
export const nativeChaChaPoly = (): ChaChaPoly | undefined => undefined
/** Its X25519 is asynchronous. */
export const nativeX25519 = (): X25519 | undefined => undefined

/** SHA-256 in plain JavaScript: WebCrypto's is asynchronous, and ids are computed synchronously. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return sha256OfNoble(bytes)
}

/** WebCrypto's, six times as fast for many at once. */
export const sha256InPool: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined = async bytes =>
  new Uint8Array(await subtle().digest('SHA-256', bytes as Bytes))
