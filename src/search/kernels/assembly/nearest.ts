import { bytes, cosineOf, wide, wideScale } from './compare'
import { ROW_SCALE } from './layout'

/** Of so few rows all are compared whole. */
const FEW: i32 = 32
/** So many rows whose beginnings come nearest are compared whole. */
const CHOSEN: i32 = 16
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
  return f32x4.convert_i32x4_s(
    i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7)),
  )
}

/** What the products with the first `part` bytes of `n` rows, one after the other, make of their cosines, as floats at `to`. */
function parts(first: usize, n: i32, part: i32, to: usize): void {
  const size = <usize>(bytes + 16)
  const scales = <usize>bytes + ROW_SCALE
  const end = to + ((<usize>n) << 2)
  const factor = f32x4.splat(wideScale)
  for (; to + 16 <= end; to += 16, first += size << 2) {
    const tail = first + scales
    const scale = f32x4(
      load<f32>(tail),
      load<f32>(tail + size),
      load<f32>(tail + (size << 1)),
      load<f32>(tail + size * 3),
    )
    v128.store(to, f32x4.mul(f32x4.mul(four(first, size, <usize>part), factor), scale))
  }
  for (; to < end; to += 4, first += size) store<f32>(to, cosineOf(first))
}

/** Cosines of the query with `n` rows that lie one after the other, as floats at `to`. */
export function cosinesOf(first: usize, n: i32, to: usize): void {
  parts(first, n, bytes, to)
}

/**
 * Which of `n` rows, one after the other, is nearest to the query. Of many only the first `part` bytes are
 * compared, and whole those that are among the best by these: rotated vectors are spread over their numbers evenly. `to` has room for
 * as many floats.
 */
export function nearest(first: usize, n: i32, part: i32, to: usize): i32 {
  const isWhole = part >= bytes || n < FEW || n % 4 != 0
  parts(first, n, isWhole ? bytes : part, to)
  if (isWhole) return highest(to, n)
  const count = choose(to, n)
  const size = <usize>(bytes + 16)
  let best = -1
  let most: f32 = -Infinity
  for (let i = 0; i < count; i++) {
    const row = load<i32>(chosen + ((<usize>i) << 2))
    const cosine = cosineOf(first + <usize>row * size)
    if (best >= 0 && cosine <= most) continue
    best = row
    most = cosine
  }
  return best
}

function highest(at: usize, n: i32): i32 {
  let best = 0
  for (let i = 1; i < n; i++) {
    if (load<f32>(at + ((<usize>i) << 2)) > load<f32>(at + ((<usize>best) << 2))) best = i
  }
  return best
}

/** Leaves the places of the highest of `n` floats in `chosen`, highest first; answers how many. */
function choose(at: usize, n: i32): i32 {
  let count = 0
  let least: f32 = -Infinity
  for (let i = 0; i < n; i += 4) {
    if (count == CHOSEN && !v128.any_true(f32x4.gt(v128.load(at + ((<usize>i) << 2)), f32x4.splat(least)))) continue
    for (let j = i; j < i + 4; j++) {
      const value = load<f32>(at + ((<usize>j) << 2))
      if (count == CHOSEN && value <= least) continue
      let to = count < CHOSEN ? count++ : CHOSEN - 1
      for (; to > 0; to--) {
        const before = load<i32>(chosen + ((<usize>(to - 1)) << 2))
        if (load<f32>(at + ((<usize>before) << 2)) >= value) break
        store<i32>(chosen + ((<usize>to) << 2), before)
      }
      store<i32>(chosen + ((<usize>to) << 2), j)
      least = load<f32>(at + ((<usize>load<i32>(chosen + ((<usize>(count - 1)) << 2))) << 2))
    }
  }
  return count
}
