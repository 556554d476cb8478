import { CosmicError, fromHex } from '../../base/index'

/**
 * How a chain signs its rounds, by drand's names. Each signs SHA-256 of the round as 8 big-endian bytes, so that a round
 * can be checked by itself; chained schemes, which need the round before, cannot be carried.
 */
export type BeaconScheme = 'bls-unchained-g1-rfc9380' | 'bls-unchained-on-g1' | 'pedersen-bls-unchained'

/**
 * A public randomness beacon that a node trusts to bring out its rounds in time and never before: plain data, as the
 * `/info` of a drand chain publishes it, but with times in milliseconds.
 */
export interface BeaconChain {
  /** 32 bytes in hexadecimal, which name the chain. */
  readonly hash: string
  /** A compressed point of BLS12-381 in hexadecimal, in the group that the signatures are not in. */
  readonly publicKey: string
  readonly scheme: BeaconScheme
  /** When round 1 came out, in milliseconds since the Unix epoch. */
  readonly genesis: number
  /** Milliseconds from one round to the next. */
  readonly period: number
}

/** What a scheme's signatures are. */
export interface SchemeForm {
  readonly signaturesIn: 'G1' | 'G2'
  /** Bytes of a signature and of a public key. */
  readonly signature: number
  readonly publicKey: number
  /** Domain separation tag of hashing to the curve (RFC 9380 section 3.1). */
  readonly tag: string
}

const G1_TAG = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
const G2_TAG = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_'

export const SCHEMES: Readonly<Record<BeaconScheme, SchemeForm>> = {
  'bls-unchained-g1-rfc9380': { signaturesIn: 'G1', signature: 48, publicKey: 96, tag: G1_TAG },
  // Its tag is that of the other group: a slip that became the scheme.
  'bls-unchained-on-g1': { signaturesIn: 'G1', signature: 48, publicKey: 96, tag: G2_TAG },
  'pedersen-bls-unchained': { signaturesIn: 'G2', signature: 96, publicKey: 48, tag: G2_TAG },
}

/** When a round came out, in milliseconds since the Unix epoch. */
export function roundTime({ genesis, period }: BeaconChain, round: number): number {
  return genesis + (round - 1) * period
}

/** The latest round that had come out at a time (ms), or `undefined` before the first. */
export function roundAt({ genesis, period }: BeaconChain, time: number): number | undefined {
  return time < genesis ? undefined : Math.floor((time - genesis) / period) + 1
}

/**
 * Copies a description after checking its form.
 *
 * @throws CosmicError with the field: `bad-value` for an unknown scheme or what is not hexadecimal, `wrong-length`, `out-of-range`
 */
export function checkChain({ hash, publicKey, scheme, genesis, period }: BeaconChain, path = 'chain'): BeaconChain {
  if (!Object.hasOwn(SCHEMES, scheme)) refuse('bad-value', `${path}.scheme`, Object.keys(SCHEMES).join(', '))
  checkHex(hash, 32, `${path}.hash`)
  checkHex(publicKey, SCHEMES[scheme].publicKey, `${path}.publicKey`)
  if (!Number.isSafeInteger(genesis)) refuse('out-of-range', `${path}.genesis`, 'milliseconds since the Unix epoch')
  if (!(Number.isSafeInteger(period) && period > 0)) refuse('out-of-range', `${path}.period`, 'milliseconds, above 0')
  return { hash: hash.toLowerCase(), publicKey: publicKey.toLowerCase(), scheme, genesis, period }
}

function checkHex(text: string, length: number, field: string): void {
  const bytes = typeof text === 'string' ? fromHex(text) : undefined
  if (bytes === undefined) refuse('bad-value', field, 'hexadecimal')
  if (bytes.length !== length) refuse('wrong-length', field, `${length} bytes`)
}

function refuse(code: 'bad-value' | 'wrong-length' | 'out-of-range', field: string, hint: string): never {
  throw new CosmicError({ code, field, hint })
}
