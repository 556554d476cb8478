import { BoundedMap } from '../../base/index'
import { type Claims, MAX_CLAIMS } from './lay-claims'

/** What `assembly/index.ts` exports. */
export interface Sums {
  readonly memory: WebAssembly.Memory
  free(): number
  setConstants(d: number, twiceD: number, root: number): void
  decodeFour(out: number, bytes: number): number
  addProduct(sum: number, factor: number, value: number, words: number): void
  isSumNeutral(points: number, scalars: number, count: number, wide: number, digits: number): number
}

/** What the runtime lends. */
export interface Lent {
  /** SHA-512 (RFC 6234). */
  sha512(bytes: Uint8Array): Uint8Array
  /** Fills with random bytes that no signer can foresee. */
  fillRandom(bytes: Uint8Array): void
}

/** The order of the base point, and the modulus (RFC 8032 section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const P = 2n ** 255n - 19n

const POINT_BYTES = 160
const SUM_BYTES = 8 * 24
const MAX_AUTHORS = 4_096
/** The base point, y = 4/5 and even x, and its encoding. */
const BASE = toBytes(mod(4n * invert(5n), P))

/**
 * Proves many Ed25519 signatures by one equation (Bernstein, Duif, Lange, Schwabe and Yang, "High-speed high-security
 * signatures", section 5): [8](Σ z R + Σ z h A − Σ z s B) is the neutral element, z being a random number of 128 bits for each,
 * h the hash of R, key and message. With the cofactor 8 it holds for signatures that ZIP-215 accepts; where one is not
 * among them it holds with a probability of 2^-128.
 */
export class BatchEquation {
  readonly #sums: Sums
  readonly #lent: Lent
  /** Points of authors, made ready, by their keys. */
  readonly #authors = new BoundedMap<Uint8Array>(MAX_AUTHORS)
  readonly #at: Record<'points' | 'scalars' | 'digits' | 'scratch' | 'sums', number>
  readonly #base: Uint8Array

  constructor(sums: Sums, lent: Lent) {
    this.#sums = sums
    this.#lent = lent
    const most = 2 * MAX_CLAIMS + 8
    const points = sums.free()
    const scalars = points + most * POINT_BYTES
    const digits = scalars + most * 32
    const scratch = (digits + most * 43 + 15) & ~15
    const sumsAt = scratch + 256
    this.#at = { points, scalars, digits, scratch, sums: sumsAt }
    const end = sumsAt + (MAX_CLAIMS + 1) * SUM_BYTES
    const missing = end - sums.memory.buffer.byteLength
    if (missing > 0) sums.memory.grow(Math.ceil(missing / 65_536))
    this.#setConstants()
    this.#base = this.#decode([BASE])[0]!
  }

  /** Which claims are proven: all that can be, or none. The others are not refuted. */
  prove(claims: Claims): Uint8Array {
    const count = claims.starts.length - 1
    const part = (i: number, from: number, to?: number) =>
      claims.bytes.subarray(claims.starts[i]! + from, to === undefined ? claims.starts[i + 1]! : claims.starts[i]! + to)
    const authors = this.#authorsOf(Array.from({ length: count }, (_, i) => part(i, 64, 96)))
    const wide = authors.points.length + 1
    const nonces = this.#layPoints(authors.points, wide, count, i => part(i, 32, 64))
    const proven = new Uint8Array(count)
    this.#bytes(this.#at.sums, wide * SUM_BYTES).fill(0)
    this.#bytes(this.#at.scalars, (wide + count) * 32).fill(0)
    const random = new Uint8Array(16 * count)
    this.#lent.fillRandom(random)
    for (let i = 0; i < count; i++) {
      const author = authors.of[i]!
      // Below 2^252, hence reduced; of honest signatures none in 2^124 is not.
      if (author < 0 || !nonces[i] || claims.bytes[claims.starts[i]! + 31]! >= 16) continue
      this.#addClaim(wide + i, author, random.subarray(16 * i, 16 * i + 16), part(i, 0, 32), part(i, 32))
      proven[i] = 1
    }
    this.#writeWide(wide)
    const { points, scalars, digits } = this.#at
    return this.#sums.isSumNeutral(points, scalars, wide + count, wide, digits) ? proven : proven.fill(0)
  }

  /** The distinct authors' points, and which one each claim has: −1 where the key is no point. */
  #authorsOf(keys: readonly Uint8Array[]): { points: Uint8Array[]; of: number[] } {
    const names = keys.map(key => String.fromCharCode(...key))
    const fresh = new Map<string, Uint8Array>()
    for (const [i, name] of names.entries()) if (this.#authors.get(name) === undefined) fresh.set(name, keys[i]!)
    const decoded = this.#decode([...fresh.values()])
    const known = new Map([...fresh.keys()].map((name, i) => [name, decoded[i]]))
    for (const [name, point] of known) if (point) this.#authors.set(name, point)
    const places = new Map<string, number>()
    const points: Uint8Array[] = []
    const of = names.map(name => {
      const place = places.get(name)
      if (place !== undefined) return place
      const point = known.has(name) ? known.get(name) : this.#authors.get(name)
      places.set(name, point ? points.push(point) - 1 : -1)
      return places.get(name)!
    })
    return { points, of }
  }

  /** Authors, base, nonces; answers which nonces are points. */
  #layPoints(authors: readonly Uint8Array[], wide: number, count: number, nonce: (i: number) => Uint8Array): boolean[] {
    const { points, scratch } = this.#at
    const put = (place: number, point: Uint8Array) => this.#bytes(points + place * POINT_BYTES, POINT_BYTES).set(point)
    authors.forEach((point, place) => put(place, point))
    put(wide - 1, this.#base)
    const good: boolean[] = []
    for (let i = 0; i < count; i += 4) {
      for (let lane = 0; lane < 4; lane++)
        this.#bytes(scratch + 32 * lane, 32).set(nonce(Math.min(i + lane, count - 1)))
      const found = this.#sums.decodeFour(points + (wide + i) * POINT_BYTES, scratch)
      for (let lane = 0; lane < 4; lane++) good.push((found & (1 << lane)) !== 0)
    }
    return good
  }

  #addClaim(place: number, author: number, z: Uint8Array, s: Uint8Array, hashed: Uint8Array): void {
    const { scalars, scratch, sums } = this.#at
    const factor = scalars + 32 * place
    this.#bytes(factor, 16).set(z)
    this.#bytes(scratch, 64).set(this.#lent.sha512(hashed))
    this.#bytes(scratch + 64, 32).set(s)
    this.#sums.addProduct(sums + (author + 1) * SUM_BYTES, factor, scratch, 16)
    this.#sums.addProduct(sums, factor, scratch + 64, 8)
  }

  /** The scalars of authors and base: their sums reduced, the base's with its sign changed. */
  #writeWide(wide: number): void {
    const { scalars, sums } = this.#at
    const view = new DataView(this.#sums.memory.buffer)
    for (let place = 0; place < wide; place++) {
      const isBase = place === wide - 1
      const from = sums + (isBase ? 0 : place + 1) * SUM_BYTES
      let sum = 0n
      for (let i = 23; i >= 0; i--) sum = (sum << 32n) + view.getBigUint64(from + 8 * i, true)
      this.#bytes(scalars + 32 * place, 32).set(toBytes(mod(isBase ? -sum : sum, ORDER)))
    }
  }

  /** Points made ready; `undefined` for what is none. */
  #decode(encodings: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    const { points, scratch } = this.#at
    const decoded: (Uint8Array | undefined)[] = []
    for (let i = 0; i < encodings.length; i += 4) {
      for (let lane = 0; lane < 4; lane++) {
        this.#bytes(scratch + 32 * lane, 32).set(encodings[Math.min(i + lane, encodings.length - 1)]!)
      }
      const found = this.#sums.decodeFour(points, scratch)
      for (let lane = 0; lane < 4 && i + lane < encodings.length; lane++) {
        const isPoint = (found & (1 << lane)) !== 0
        decoded.push(isPoint ? this.#bytes(points + lane * POINT_BYTES, POINT_BYTES).slice() : undefined)
      }
    }
    return decoded
  }

  #setConstants(): void {
    const { scratch } = this.#at
    const d = mod(-121_665n * invert(121_666n), P)
    // 2^((p − 1) / 4): 2 is no square.
    const root = power(2n, (P - 1n) / 4n)
    for (const [i, value] of [d, mod(2n * d, P), root].entries()) {
      this.#bytes(scratch + 32 * i, 32).set(toBytes(value))
    }
    this.#sums.setConstants(scratch, scratch + 32, scratch + 64)
  }

  /** A view, good until the memory grows, which it does not once this is made. */
  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#sums.memory.buffer, at, length)
  }
}

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus
  return rest < 0n ? rest + modulus : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let [square, rest] = [base, exponent]; rest > 0n; [square, rest] = [(square * square) % P, rest >> 1n]) {
    if (rest & 1n) result = (result * square) % P
  }
  return result
}

function invert(value: bigint): bigint {
  return power(mod(value, P), P - 2n)
}

/** 32 bytes, little-endian. */
function toBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < 4; i++) view.setBigUint64(8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)), true)
  return bytes
}
