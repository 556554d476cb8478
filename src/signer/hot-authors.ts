import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equal, KeyCache } from '../base/index'

const { Point } = ed25519
type Point = InstanceType<typeof Point>

/** A key, a message and a signature: what every check takes. */
export type Claim = readonly [publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array]

/** A key decoded, and how often it was used since it last lost its table. */
interface Author {
  readonly point: Point
  uses: number
}

/** A claim taken apart: it holds if [8][response]B = [8]nonce + [8][challenge]author (ZIP-215). */
export interface Equation {
  readonly author: Author
  /** The encoding of a point, or of none. */
  readonly nonce: Uint8Array
  readonly response: bigint
  readonly challenge: bigint
}

/** A table costs as much as about eight checks without it, so that an author who never returns costs nothing extra. */
const USES_BEFORE_TABLE = 8
/** A table takes about 0.4 MB: 44 windows of 32 points. */
const TABLES = 32
const WINDOW = 6
/** The window of a point without a table. */
const NO_TABLE = 1

const authors = new KeyCache(decodeAuthor)
/** Authors with a table, the oldest table first. */
const hot: Author[] = []

/**
 * ZIP-215 in plain JavaScript for runtimes without native Ed25519, with tables of multiples for the keys that come again
 * and again: about three times as fast for them as noble's own check, whose answer it gives. Lengths are the caller's to
 * check.
 */
export function verifyHot(...claim: Claim): boolean {
  const equation = equationOf(claim)
  return equation !== undefined && holds(equation)
}

/** `undefined` where the author is no point or the response is not reduced: then no claim of theirs is valid. */
export function equationOf([publicKey, message, signature]: Claim): Equation | undefined {
  const author = authors.get(publicKey)
  const nonce = signature.subarray(0, 32)
  const response = littleEndian(signature.subarray(32))
  if (author === undefined || response >= Point.Fn.ORDER) return undefined
  const challenge = Point.Fn.create(littleEndian(sha512(concat(nonce, publicKey, message))))
  return { author, nonce, response, challenge }
}

/** One equation by itself. */
export function holds({ author, nonce, response, challenge }: Equation): boolean {
  countUse(author)
  const expected = Point.BASE.multiplyUnsafe(response).subtract(author.point.multiplyUnsafe(challenge))
  // Honest signatures fit without the cofactor too, and comparing encodings is cheaper than decoding the nonce.
  if (equal(expected.toBytes(), nonce)) return true
  return decodePoint(nonce)?.subtract(expected).clearCofactor().is0() ?? false
}

/** Whether a key has its table, with which a check by itself is the fastest. */
export function isHot({ uses }: Author): boolean {
  return uses >= USES_BEFORE_TABLE
}

/** An author who has come often enough gets a table. */
export function countUse(author: Author): void {
  if (++author.uses === USES_BEFORE_TABLE) giveTable(author)
}

/** Tables held, never more than a bound. */
export function hotAuthors(): number {
  return hot.length
}

function giveTable(author: Author): void {
  if (hot.length === TABLES) {
    const oldest = hot.shift()!
    oldest.point.precompute(NO_TABLE)
    oldest.uses = 0
  }
  author.point.precompute(WINDOW)
  hot.push(author)
}

function decodeAuthor(publicKey: Uint8Array): Author | undefined {
  const point = decodePoint(publicKey)
  return point && { point, uses: 0 }
}

/** ZIP-215 takes encodings with y ≥ p too; `undefined` for what is no point at all. */
export function decodePoint(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes.slice(), true)
  } catch {
    return undefined
  }
}

export function littleEndian(bytes: Uint8Array): bigint {
  let hex = ''
  for (const byte of bytes) hex = byte.toString(16).padStart(2, '0') + hex
  return BigInt(`0x${hex}`)
}
