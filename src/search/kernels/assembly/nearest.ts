import { along, axes, bytes, cosineOf, rowSize, shared, wide, wideScale } from './compare'
import { ROUNDING, ROW_SCALE } from './layout'

/** Of so few rows all are compared whole. */
const FEW: i32 = 32
/**
 * Of more, those whole that by their beginnings are among the best four of a quarter of all: 16. What a beginning tells is ordered as
 * one whole number, its product times 2^18 over the row's number.
 */
const ROW_BITS: i32 = 12
const FINENESS: f32 = 262_144
const chosen: usize = memory.data(4 * 16)

/** Products of the query with the first `n` bytes of four rows, `size` bytes apart, as floats: what they share is fetched once. */
function four(row: usize, size: usize, n: usize): v128 {
  let a = i32x4.splat(0)
  let b = a
  let c = a
  let d = a
  let q = wide
  const b0 = row + size
  const c0 = b0 + size
  const d0 = c0 + size
  for (let at: usize = 0; at < n; at += 16, q += 32) {
    const low = v128.load(q)
    const high = v128.load(q, 16)
    const va = v128.load(row + at)
    const vb = v128.load(b0 + at)
    const vc = v128.load(c0 + at)
    const vd = v128.load(d0 + at)
    a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(va), low))
    b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(vb), low))
    c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(vc), low))
    d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(vd), low))
    a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(va), high))
    b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(vb), high))
    c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(vc), high))
    d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(vd), high))
  }
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
  return f32x4.convert_i32x4_s(i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7)))
}

/** What the products with the first `part` bytes of four rows make of their cosines. */
function parts(row: usize, size: usize, part: i32): v128 {
  const tail = row + <usize>bytes + ROW_SCALE
  const scales = f32x4(
    load<f32>(tail),
    load<f32>(tail + size),
    load<f32>(tail + (size << 1)),
    load<f32>(tail + size * 3),
  )
  return f32x4.mul(f32x4.mul(four(row, size, <usize>part), f32x4.splat(wideScale)), scales)
}

/** Cosines of the query with `n` rows that lie one after the other, as floats at `to`. */
export function cosinesOf(first: usize, n: i32, to: usize): void {
  const size = rowSize
  const end = to + ((<usize>n) << 2)
  const all = f32x4.splat(shared)
  for (; to + 16 <= end; to += 16, first += size << 2) v128.store(to, f32x4.add(parts(first, size, bytes), all))
  for (; to < end; to += 4, first += size) store<f32>(to, cosineOf(first))
  if (axes == 0) return
  for (to -= n << 2, first -= <usize>n * size; to < end; to += 4, first += size)
    store<f32>(to, load<f32>(to) + along(first + <usize>bytes))
}

/**
 * Which of `n` rows, one after the other, is nearest to the query, or nearly so: of many all are compared by their first `part` bytes, and
 * whole the best of these. Rotated vectors are spread over their numbers evenly.
 */
export function nearest(first: usize, n: i32, part: i32): i32 {
  const isWhole = part >= bytes || n < FEW || n % 4 != 0 || n > 1 << ROW_BITS
  if (!isWhole) choose(first, n, part)
  const size = rowSize
  let best = 0
  let most: f32 = -Infinity
  for (let i = 0, end = isWhole ? n : 16; i < end; i++) {
    const row = isWhole ? i : load<i32>(chosen + ((<usize>i) << 2)) & ((1 << ROW_BITS) - 1)
    const cosine = cosineOf(first + <usize>row * size)
    if (cosine <= most) continue
    best = row
    most = cosine
  }
  return best
}

/** Leaves in `chosen` the best four of each lane. */
function choose(first: usize, n: i32, part: i32): void {
  const size = rowSize
  const fineness = f32x4.splat(FINENESS)
  const magic = f32x4.splat(ROUNDING)
  let rows = i32x4(0, 1, 2, 3)
  let a = i32x4.splat(i32.MIN_VALUE)
  let b = a
  let c = a
  let d = a
  for (let i = 0; i < n; i += 4, first += size << 2) {
    const value = i32x4.sub(f32x4.add(f32x4.mul(parts(first, size, part), fineness), magic), magic)
    let key = v128.or(i32x4.shl(value, ROW_BITS), rows)
    rows = i32x4.add(rows, i32x4.splat(4))
    const a1 = i32x4.max_s(a, key)
    key = i32x4.min_s(a, key)
    const b1 = i32x4.max_s(b, key)
    key = i32x4.min_s(b, key)
    const c1 = i32x4.max_s(c, key)
    key = i32x4.min_s(c, key)
    a = a1
    b = b1
    c = c1
    d = i32x4.max_s(d, key)
  }
  v128.store(chosen, a)
  v128.store(chosen, b, 16)
  v128.store(chosen, c, 32)
  v128.store(chosen, d, 48)
}
