import { nativeEd25519, sha256 } from '#platform'
import * as ed25519 from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, CosmicError, equal, loadOnce } from '../base/index'
import { didKey, Signer, verifySignature, type SigningIdentity } from '../signer/index'
import { CHANNEL_CRYPTO, type ChannelCrypto } from '../wire/index'
import { verifyTogether } from './verify-together'

/**
 * `real`: Ed25519 and Noise as in production. `stand-in`: signatures, key agreement and cipher are cheap hashes that anyone
 * could forge, for runs of thousands of nodes; results say which one they used.
 */
export type SignatureMode = 'real' | 'stand-in'

/** Signing and checking for one simulation, all of it in the calling thread. */
export interface SimulatedCrypto {
  readonly mode: SignatureMode
  signer(seed: Uint8Array): Promise<SigningIdentity>
  readonly channel: ChannelCrypto
}

/** The cryptography of a mode. */
export async function simulatedCrypto(mode: SignatureMode): Promise<SimulatedCrypto> {
  return mode === 'stand-in' ? STAND_IN : realCrypto()
}

/** Where native Ed25519 answers by promise it would answer in its own time: noble takes its place, with equal answers. */
const realCrypto = /* @__PURE__ */ loadOnce(async (): Promise<SimulatedCrypto> => {
  ed25519.hashes.sha512 ??= sha512
  const isSync = await verifiesAtOnce()
  const verify = await verifyTogether(
    isSync
      ? verifySignature
      : (publicKey, message, signature) => ed25519.verify(signature, message, publicKey, { zip215: true }),
  )
  return {
    mode: 'real',
    signer: async seed => (isSync ? Signer.fromSeed(seed) : nobleSigner(seed)),
    channel: { ...CHANNEL_CRYPTO, verify },
  }
})

/** Also lets the self-test of native code run before the first event. */
async function verifiesAtOnce(): Promise<boolean> {
  const signer = await Signer.fromSeed(new Uint8Array(32))
  const signature = await signer.sign(signer.publicKey)
  await verifySignature(signer.publicKey, signer.publicKey, signature)
  const answer = nativeEd25519?.verify(signer.publicKey, signer.publicKey, signature)
  return answer !== undefined && !(answer instanceof Promise)
}

function nobleSigner(seed: Uint8Array): SigningIdentity {
  const publicKey = ed25519.getPublicKey(seed)
  return { publicKey, did: didKey(publicKey), sign: async message => ed25519.sign(message, seed) }
}

function standInSignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const half = sha256(concat(publicKey, message))
  return concat(half, half)
}

const STAND_IN: SimulatedCrypto = {
  mode: 'stand-in',
  async signer(seed) {
    // The top bits are kept clear, so that it is canonical as a key.
    const publicKey = sha256(seed)
    publicKey[31]! &= 0x3f
    return { publicKey, did: didKey(publicKey), sign: async message => standInSignature(publicKey, message) }
  },
  channel: {
    verify: (publicKey, message, signature) => equal(signature, standInSignature(publicKey, message)),
    agreement: {
      publicKey: secretKey => sha256(secretKey),
      sharedSecret: (secretKey, publicKey) => xor(sha256(secretKey), publicKey),
    },
    cipher: {
      seal: (key, nonce, associated, plaintext) => concat(plaintext, checksum(key, nonce, associated, plaintext)),
      open(key, nonce, associated, message) {
        const plaintext = message.subarray(0, message.length - 16)
        if (equal(message.subarray(plaintext.length), checksum(key, nonce, associated, plaintext))) return plaintext
        throw new CosmicError({ code: 'handshake', hint: 'the checksum differs' })
      },
    },
  },
}

/** Commutes, as an agreement must. */
function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!)
}

/** 16 bytes over everything: a changed, replayed or reordered message has others. */
function checksum(...parts: readonly Uint8Array[]): Uint8Array {
  const sums = Uint32Array.of(0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b)
  let [a, b] = [sums[0]!, sums[1]!]
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      a = Math.imul(a ^ part[i]!, 0x01000193)
      b = (b + a) | 0
    }
    a ^= part.length
  }
  sums[0] = a
  sums[1] = b
  sums[2] = a ^ (b >>> 15)
  sums[3] = b ^ (a >>> 13)
  return new Uint8Array(sums.buffer)
}
