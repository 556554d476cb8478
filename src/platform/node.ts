import crypto, { type KeyObject } from 'node:crypto'
import zlib from 'node:zlib'
import { concat, KeyCache, PKCS8_HEAD, SPKI_HEAD } from '../base/index'
import { crc32 as plainCrc32 } from './crc32'
import { BatchProver } from './ed25519/prover'
import { startThread, threadsAtMost, trial } from './ed25519/start-thread'
import type { NativeEd25519, ProveHere, Prover } from './types'
import { nextTurn } from './universal'

export { nativeChaChaPoly } from './chacha-poly'
export { nativeX25519 } from './x25519'
export { clock, nextTurn, random, timers, timeSlices } from './universal'

const publicKeys = new KeyCache(importPublicKey)

/** Node lets one thread at a time use a key object, so that blocks of one author need several to be checked side by side. */
const lanes = Array.from({ length: 4 }, () => new KeyCache(importPublicKey))
let turn = 0

function importPublicKey(publicKey: Uint8Array): KeyObject {
  return crypto.createPublicKey({ key: Buffer.from(concat(SPKI_HEAD, publicKey)), format: 'der', type: 'spki' })
}

/** By the array that holds the seed, so that a signer's key is forgotten together with the signer. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>()

function privateKey(seed: Uint8Array): KeyObject {
  const known = privateKeys.get(seed)
  if (known !== undefined) return known
  const key = crypto.createPrivateKey({ key: Buffer.from(concat(PKCS8_HEAD, seed)), format: 'der', type: 'pkcs8' })
  privateKeys.set(seed, key)
  return key
}

/** OpenSSL's Ed25519. */
export const nativeEd25519: NativeEd25519 | undefined = {
  sign: (seed, message) => new Uint8Array(crypto.sign(null, message, privateKey(seed))),
  verify: (publicKey, message, signature) => crypto.verify(null, message, publicKeys.get(publicKey), signature),
  verifyInPool(publicKey, message, signature) {
    const key = lanes[turn++ % lanes.length]!.get(publicKey)
    return new Promise((resolve, reject) => {
      crypto.verify(null, message, key, signature, (error, valid) => (error ? reject(error) : resolve(valid)))
    })
  },
}

/** By threads that share one equation among many signatures. */
export const prover: Prover | undefined = new BatchProver(startThread, { nextTurn, trial, most: threadsAtMost })

/** The same equation in the calling thread, for those who may not leave it. */
export async function openProveHere(): Promise<ProveHere | undefined> {
  const { proveHereWith } = await import('./ed25519/prove-here')
  return proveHereWith(bytes => crypto.createHash('sha512').update(bytes).digest())
}

/** SHA-256 by OpenSSL, taken as a string of one character a byte: a `Buffer` of its own costs more than the hash. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = crypto.hash('sha256', bytes, 'binary')
  const out = new Uint8Array(32)
  for (let i = 0; i < 32; i++) out[i] = digest.charCodeAt(i)
  return out
}

/** OpenSSL's takes less time than the way to another thread. */
export const sha256InPool: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined = undefined

const nativeCrc32 = zlib.crc32 as typeof zlib.crc32 | undefined

/** Below this, the way to zlib takes longer than the sum. */
const SHORT_BYTES = 64

/** zlib's, twenty times as fast for what is not short, where the runtime has it. */
export function crc32(bytes: Uint8Array, before?: number, from = 0): number {
  if (nativeCrc32 === undefined || bytes.length - from < SHORT_BYTES) return plainCrc32(bytes, before, from)
  return nativeCrc32(from === 0 ? bytes : bytes.subarray(from), before)
}
