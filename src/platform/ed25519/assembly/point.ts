import { FOUR, isOdd, isZero, LIMB, power22523, read, subtract, add, twice } from './element'
import { multiply, square } from './multiply'

/**
 * Points of edwards25519 (RFC 8032 section 5.1) in extended coordinates: the four elements of a vector are X, Y, Z and T.
 * As the second summand a point is `ready`: Y − X, Y + X, 2 Z, 2 d T. The formulas hold for all points of the curve, of
 * whatever order, also equal ones (Hisil, Wong, Carter and Dawson, "Twisted Edwards curves revisited", section 3.1).
 */

/** 1, 1, 2, 2 d: what makes a point ready. */
const TO_READY = memory.data(160, 16)
const D = memory.data(160, 16)
const ROOT = memory.data(160, 16)
const ONE = memory.data(160, 16)

/** Of 32 bytes each: d, 2 d, and a root of −1. Before anything else. */
export function setConstants(d: usize, twiceD: usize, root: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    read(D, lane, d)
    read(ROOT, lane, root)
    store<u32>(ONE + (lane << 2), 1)
    store<u32>(TO_READY + (lane << 2), lane < 2 ? 1 : 2)
  }
  read(TO_READY, 3, twiceD)
}

const LANES_01 = i32x4(-1, -1, 0, 0)
const LANE_0 = i32x4(-1, 0, 0, 0)
const LANES_03 = i32x4(-1, 0, 0, -1)

/** (X, Y, Z, T) → (Y − X, Y + X, Z, T), loose. `p` is reduced. */
function split(out: usize, p: usize): void {
  for (let limb = 0; limb < 10; limb++) {
    const at = (<usize>limb) << 4
    const v = v128.load(p + at)
    const other = v128.and(v128.shuffle<u32>(v, v, 1, 0, 2, 3), LANES_01)
    const signed = v128.bitselect(i32x4.sub(twice(limb), v), v, LANE_0)
    v128.store(out + at, i32x4.add(other, signed))
  }
}

const S = memory.data(160, 16)
const L = memory.data(160, 16)
const R = memory.data(160, 16)

export function makeReady(out: usize, p: usize): void {
  split(S, p)
  multiply(out, S, TO_READY)
}

/** `out` may be `p`; `q` is ready. */
export function addPoint(out: usize, p: usize, q: usize): void {
  split(S, p)
  multiply(S, S, q)
  for (let at: usize = 0, limb = 0; limb < 10; limb++, at += LIMB) {
    const sums = cross(at, limb)
    v128.store(L + at, v128.shuffle<u32>(sums, sums, 0, 2, 3, 0))
    v128.store(R + at, v128.shuffle<u32>(sums, sums, 3, 1, 2, 1))
  }
  multiply(out, L, R)
}

/** The same with −q, whose first elements change places and whose last changes its sign. */
export function subtractPoint(out: usize, p: usize, q: usize): void {
  for (let at: usize = 0; at < FOUR; at += LIMB) {
    const v = v128.load(q + at)
    v128.store(R + at, v128.shuffle<u32>(v, v, 1, 0, 2, 3))
  }
  split(S, p)
  multiply(S, S, R)
  for (let at: usize = 0, limb = 0; limb < 10; limb++, at += LIMB) {
    const sums = cross(at, limb)
    v128.store(L + at, v128.shuffle<u32>(sums, sums, 0, 3, 2, 0))
    v128.store(R + at, v128.shuffle<u32>(sums, sums, 2, 1, 3, 1))
  }
  multiply(out, L, R)
}

/** Of (A, B, D, C) in `S` the limb of (B − A, B + A, D + C, D − C). */
// @ts-ignore: decorator
@inline
function cross(at: usize, limb: i32): v128 {
  const v = v128.load(S + at)
  const signed = v128.bitselect(i32x4.sub(twice(limb), v), v, LANES_03)
  return i32x4.add(signed, v128.shuffle<u32>(v, v, 1, 0, 3, 2))
}

const READY = memory.data(160, 16)

/** `times` doublings. */
export function double(p: usize, times: i32): void {
  for (let i = 0; i < times; i++) {
    makeReady(READY, p)
    addPoint(p, p, READY)
  }
}

export function setNeutral(out: usize): void {
  memory.fill(out, 0, FOUR)
  store<u32>(out + 4, 1)
  store<u32>(out + 8, 1)
}

export function isNeutral(p: usize): bool {
  for (let limb = 0; limb < 10; limb++) {
    const at = (<usize>limb) << 4
    const v = v128.load(p + at)
    v128.store(S + at, i32x4.add(i32x4.sub(v, v128.shuffle<u32>(v, v, 2, 2, 2, 2)), twice(limb)))
  }
  // X and Y − Z.
  return isZero(p, 0) && isZero(S, 1)
}

const Y = memory.data(160, 16)
const X = memory.data(160, 16)
const U = memory.data(160, 16)
const V = memory.data(160, 16)
const A = memory.data(160, 16)
const B = memory.data(160, 16)
const P = memory.data(160, 16)

/**
 * Decodes four points, 32 bytes each at `bytes`, and makes them ready at `out`. As ZIP-215 wants it, y may reach the
 * modulus and −0 is 0. Answers a bit for each that is a point.
 */
export function decodeFour(out: usize, bytes: usize): i32 {
  for (let lane: usize = 0; lane < 4; lane++) read(Y, lane, bytes + (lane << 5))
  // x² = u / v with u = y² − 1, v = d y² + 1; the candidate is u v³ (u v⁷)^((p − 5) / 8).
  square(A, Y, 1)
  multiply(V, A, D)
  add(V, V, ONE)
  subtract(U, A, ONE)
  multiply(U, U, ONE)
  square(A, V, 1)
  multiply(A, A, V)
  square(B, A, 1)
  multiply(B, B, V)
  multiply(B, B, U)
  power22523(B, B)
  multiply(A, A, U)
  multiply(X, A, B)
  square(A, X, 1)
  multiply(A, A, V)
  subtract(V, A, U)
  add(U, A, U)
  multiply(A, X, ROOT)
  let found = 0
  for (let lane: usize = 0; lane < 4; lane++) {
    if (isZero(V, lane)) found |= 1 << (<i32>lane)
    else if (isZero(U, lane)) {
      found |= 1 << (<i32>lane)
      for (let at: usize = lane << 2; at < FOUR; at += LIMB) store<u32>(X + at, load<u32>(A + at))
    }
  }
  setSigns(bytes)
  multiply(A, X, Y)
  for (let lane: usize = 0; lane < 4; lane++) writeReady(out + lane * FOUR, lane)
  return found
}

/** Turns each x to the sign that its bytes ask for. */
function setSigns(bytes: usize): void {
  memory.fill(B, 0, FOUR)
  subtract(B, B, X)
  multiply(B, B, ONE)
  for (let lane: usize = 0; lane < 4; lane++) {
    const sign = load<u8>(bytes + (lane << 5) + 31) >>> 7
    if (isOdd(X, lane) == (sign == 1)) continue
    for (let at: usize = lane << 2; at < FOUR; at += LIMB) store<u32>(X + at, load<u32>(B + at))
  }
}

/** The point of one lane of `X`, `Y` and their products in `A`. */
function writeReady(out: usize, lane: usize): void {
  const from = lane << 2
  for (let at: usize = 0; at < FOUR; at += LIMB) {
    store<u32>(P + at, load<u32>(X + at + from))
    store<u32>(P + at + 4, load<u32>(Y + at + from))
    store<u32>(P + at + 8, at == 0 ? 1 : 0)
    store<u32>(P + at + 12, load<u32>(A + at + from))
  }
  makeReady(out, P)
}
