import { BLOCK_E, BLOCK_F, BLOCK_G, BLOCK_NORM, BLOCK_ROW, ROW_ERROR, ROW_SCALE } from './layout'

function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
}

function largest(p: usize, n: i32): f32 {
  let most = f32x4.splat(0)
  for (let at = p, end = p + ((<usize>n) << 2); at < end; at += 16) most = f32x4.max(most, f32x4.abs(v128.load(at)))
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  )
}

/** Quantizes `n` floats at `p` to signed bytes at `row` with one scale; keeps the length of what that loses. */
export function quantize(p: usize, n: i32, row: usize): void {
  const most = largest(p, n)
  const scale = most / 127
  const inverse = f32x4.splat(most > 0 ? 127 / most : 0)
  const scales = f32x4.splat(scale)
  let lost = f32x4.splat(0)
  for (let i = 0; i < n; i += 4) {
    const value = v128.load(p + ((<usize>i) << 2))
    const nearest = f32x4.nearest(f32x4.mul(value, inverse))
    const off = f32x4.sub(value, f32x4.mul(nearest, scales))
    lost = f32x4.add(lost, f32x4.mul(off, off))
    const whole = i32x4.trunc_sat_f32x4_s(nearest)
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(whole, whole), i16x8.splat(0))
    v128.store32_lane(row + <usize>i, bytes, 0)
  }
  store<f32>(row + <usize>n, scale, ROW_SCALE)
  store<f32>(row + <usize>n, Mathf.sqrt(sum(lost)), ROW_ERROR)
}

/** The floats that a row of `n` bytes stands for, at `p`. */
export function restore(row: usize, n: i32, p: usize): void {
  const scale = f32x4.splat(load<f32>(row + <usize>n, ROW_SCALE))
  for (let i = 0; i < n; i += 4) {
    const words = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(row + <usize>i)))
    v128.store(p + ((<usize>i) << 2), f32x4.mul(f32x4.convert_i32x4_s(words), scale))
  }
}

/** `to = a − b` of `n` floats; answers `a · b`. */
export function subtract(a: usize, b: usize, n: i32, to: usize): f32 {
  let dot = f32x4.splat(0)
  for (let at: usize = 0, end = (<usize>n) << 2; at < end; at += 16) {
    const x = v128.load(a + at)
    const y = v128.load(b + at)
    dot = f32x4.add(dot, f32x4.mul(x, y))
    v128.store(to + at, f32x4.sub(x, y))
  }
  return sum(dot)
}

/**
 * Writes the signs of the `bits` floats at `p` (a vector less the centroid, rotated) into slot `lane` of a block, with
 * RaBitQ's factor (Gao and Long 2024, equation 2: ‖o‖ / ⟨x̄, o⟩ per bit is ‖o‖² / Σ|oᵢ|) and `g`, the product of vector and centroid.
 */
export function writeCode(p: usize, bits: i32, block: usize, lane: u32, g: f32, norm: f32, row: u32): void {
  let squares = f32x4.splat(0)
  let sizes = f32x4.splat(0)
  const high = lane >= 16
  let to = block + <usize>(lane & 15)
  for (let at = p, end = p + ((<usize>bits) << 2); at < end; at += 16, to += 16) {
    const v = v128.load(at)
    squares = f32x4.add(squares, f32x4.mul(v, v))
    sizes = f32x4.add(sizes, f32x4.abs(v))
    const nibble = i32x4.bitmask(f32x4.ge(v, f32x4.splat(0)))
    const old = <i32>load<u8>(to)
    store<u8>(to, <u8>(high ? (old & 0x0f) | (nibble << 4) : (old & 0xf0) | nibble))
  }
  const tail = block + ((<usize>bits) << 2)
  const slot = tail + ((<usize>lane) << 2)
  const square = sum(squares)
  const size = sum(sizes)
  store<f32>(slot, size > 0 ? square / size : 0, BLOCK_F)
  store<f32>(slot, g, BLOCK_G)
  store<f32>(slot, norm, BLOCK_NORM)
  store<u32>(slot, row, BLOCK_ROW)
  const cosine2: f32 = square > 0 ? min<f32>(1, (size * size) / (square * <f32>bits)) : 1
  const spread = Mathf.sqrt(((1 - cosine2) * <f32>bits) / <f32>(bits - 1))
  store<f32>(tail, max(load<f32>(tail, BLOCK_E), spread), BLOCK_E)
}
