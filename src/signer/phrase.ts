import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { concat, CosmicError, utf8, type Random } from '../base/index'
import type { KeyRole } from './key-role'

const WORDS = 24
/** Far above 24 words of at most 8 letters: what is longer is refused before it is taken apart. */
const LONGEST = 1024
/** ASCII `cos`: the purpose below which every key of a phrase stands (docs/spec/keys.md). */
const PURPOSE = 0x636f73
const ROLES: Readonly<Record<KeyRole, number>> = { signing: 0, recovery: 1 }

/** 256 random bits as 24 English words (BIP-39). */
export function makePhrase(random: Random): string {
  return entropyToMnemonic(random.bytes(32), wordlist)
}

/** The Ed25519 seed of a phrase: BIP-39's seed without a passphrase, then `m / 0x636f73' / role' / 0'` of SLIP-0010. */
export async function seedOfPhrase(phrase: string, role: KeyRole): Promise<Uint8Array> {
  return deriveSlip10(await mnemonicToSeed(checked(phrase)), [PURPOSE, ROLES[role], 0])
}

/**
 * SLIP-0010 for Ed25519 (https://github.com/satoshilabs/slips/blob/master/slip-0010.md): every step is a hardened one, so
 * that the key of one role tells nothing about that of another.
 */
export function deriveSlip10(seed: Uint8Array, path: readonly number[]): Uint8Array {
  let node = hmac(sha512, utf8('ed25519 seed'), seed)
  for (const index of path) {
    const step = new Uint8Array(4)
    new DataView(step.buffer).setUint32(0, 2 ** 31 + index)
    node = hmac(sha512, node.subarray(32), concat(Uint8Array.of(0), node.subarray(0, 32), step))
  }
  return node.slice(0, 32)
}

/** The phrase as BIP-39 hashes it. No error quotes a word, for even a mistyped phrase tells most of the secret. */
function checked(phrase: string): string {
  if (typeof phrase !== 'string' || phrase.length > LONGEST) refuse(`${WORDS} words`)
  const words = phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/)
  if (words.length !== WORDS) refuse(`${WORDS} words, not ${words.length}`)
  const unknown = words.findIndex(word => !wordlist.includes(word))
  if (unknown !== -1) refuse(`word ${unknown + 1} is not in the English list of BIP-39`)
  const joined = words.join(' ')
  try {
    mnemonicToEntropy(joined, wordlist)
  } catch {
    refuse('the checksum does not fit: a word is wrong or out of place')
  }
  return joined
}

function refuse(hint: string): never {
  throw new CosmicError({ code: 'bad-phrase', limit: WORDS, hint })
}
