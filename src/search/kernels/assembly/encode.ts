import { BLOCK_E, BLOCK_F, BLOCK_G, BLOCK_NORM, BLOCK_ROW, ROW_ERROR, ROW_SCALE, ROUNDING } from './layout'

function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
}

function largest(p: usize, n: i32): f32 {
  // `pmax` is one instruction where `max` is seven; of absolute values it says the same. Four that do not wait for one another.
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  for (let at = p, end = p + ((<usize>n) << 2); at < end; at += 64) {
    a = f32x4.pmax(a, f32x4.abs(v128.load(at)))
    b = f32x4.pmax(b, f32x4.abs(v128.load(at, 16)))
    c = f32x4.pmax(c, f32x4.abs(v128.load(at, 32)))
    d = f32x4.pmax(d, f32x4.abs(v128.load(at, 48)))
  }
  const most = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d))
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  )
}

/** Lengths whose inverse is no 32-bit float are left to the caller. */
const SHORTEST: f64 = 1e-30
const LONGEST: f64 = 1e30

/** Divides `n` floats at `p` by their length, which it answers; 0, and they stay as they are, where that is no usual number. */
export function normalize(p: usize, n: i32): f64 {
  const end = p + ((<usize>n) << 2)
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  for (let at = p; at < end; at += 32) {
    const a = f64x2.promote_low_f32x4(v128.load64_zero(at))
    const b = f64x2.promote_low_f32x4(v128.load64_zero(at, 8))
    const c = f64x2.promote_low_f32x4(v128.load64_zero(at, 16))
    const d = f64x2.promote_low_f32x4(v128.load64_zero(at, 24))
    s0 = f64x2.add(s0, f64x2.mul(a, a))
    s1 = f64x2.add(s1, f64x2.mul(b, b))
    s2 = f64x2.add(s2, f64x2.mul(c, c))
    s3 = f64x2.add(s3, f64x2.mul(d, d))
  }
  const all = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3))
  const length = Math.sqrt(f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1))
  if (!(length > SHORTEST && length < LONGEST)) return 0
  const inverse = f32x4.splat(<f32>(1 / length))
  for (let at = p; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), inverse))
  return length
}

/** Quantizes `n` floats at `p` to signed bytes at `row` with one scale; keeps the length of what that loses. */
export function quantize(p: usize, n: i32, row: usize): void {
  const most = largest(p, n)
  const scale = most / 127
  const inverse = f32x4.splat(most > 0 ? 127 / most : 0)
  const scales = f32x4.splat(scale)
  const magic = f32x4.splat(ROUNDING)
  let lost = f32x4.splat(0)
  for (let at = p, to = row, end = p + ((<usize>n) << 2); at < end; at += 64, to += 16) {
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    const ra = f32x4.add(f32x4.mul(a, inverse), magic)
    const rb = f32x4.add(f32x4.mul(b, inverse), magic)
    const rc = f32x4.add(f32x4.mul(c, inverse), magic)
    const rd = f32x4.add(f32x4.mul(d, inverse), magic)
    const first = i16x8.narrow_i32x4_s(i32x4.sub(ra, magic), i32x4.sub(rb, magic))
    const second = i16x8.narrow_i32x4_s(i32x4.sub(rc, magic), i32x4.sub(rd, magic))
    v128.store(to, i8x16.narrow_i16x8_s(first, second))
    const la = f32x4.sub(a, f32x4.mul(f32x4.sub(ra, magic), scales))
    const lb = f32x4.sub(b, f32x4.mul(f32x4.sub(rb, magic), scales))
    const lc = f32x4.sub(c, f32x4.mul(f32x4.sub(rc, magic), scales))
    const ld = f32x4.sub(d, f32x4.mul(f32x4.sub(rd, magic), scales))
    const ab = f32x4.add(f32x4.mul(la, la), f32x4.mul(lb, lb))
    const cd = f32x4.add(f32x4.mul(lc, lc), f32x4.mul(ld, ld))
    lost = f32x4.add(lost, f32x4.add(ab, cd))
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

/** Adds `n` floats at `p` to those at `to`. */
export function add(p: usize, n: i32, to: usize): void {
  for (let end = p + ((<usize>n) << 2); p < end; p += 16, to += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(p)))
  }
}

/** Adds `times` of `n` floats at `p` to those at `to`. */
export function addTimes(p: usize, times: f32, n: i32, to: usize): void {
  const factors = f32x4.splat(times)
  for (let end = p + ((<usize>n) << 2); p < end; p += 16, to += 16) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(p), factors)))
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

/** `value`, negated where `by` is below zero. */
function signed(value: v128, by: v128): v128 {
  return v128.xor(value, v128.and(f32x4.lt(by, f32x4.splat(0)), f32x4.splat(-0.0)))
}

/** The signs of four numbers, in the half of a byte that is theirs. */
function storeSigns(to: usize, v: v128, high: bool): void {
  const nibble = i32x4.bitmask(f32x4.ge(v, f32x4.splat(0)))
  const old = <i32>load<u8>(to)
  store<u8>(to, <u8>(high ? (old & 0x0f) | (nibble << 4) : (old & 0xf0) | nibble))
}

/**
 * Writes the signs of the `bits` floats at `p` (a vector less the centroid, rotated) into slot `lane` of a block, with
 * RaBitQ's factor (Gao and Long 2024, equation 2: ‖o‖ / ⟨x̄, o⟩ per bit is ‖o‖² / Σ|oᵢ|) and `g`, the product of vector and centroid, less
 * what the code tells of the centroid's own difference from the mean: estimates then need no tables but those of the mean.
 */
export function writeCode(
  p: usize,
  bits: i32,
  block: usize,
  lane: u32,
  g: f32,
  norm: f32,
  row: u32,
  centroid: usize,
  mean: usize,
): void {
  const high = lane >= 16
  let to = block + <usize>(lane & 15)
  // Even and odd sums do not wait for one another.
  let lean0 = f32x4.splat(0)
  let lean1 = lean0
  let squares0 = lean0
  let squares1 = lean0
  let sizes0 = lean0
  let sizes1 = lean0
  for (let at = p, end = p + ((<usize>bits) << 2); at < end; at += 32, to += 32, centroid += 32, mean += 32) {
    const v = v128.load(at)
    const w = v128.load(at, 16)
    lean0 = f32x4.add(lean0, signed(f32x4.sub(v128.load(centroid), v128.load(mean)), v))
    lean1 = f32x4.add(lean1, signed(f32x4.sub(v128.load(centroid, 16), v128.load(mean, 16)), w))
    squares0 = f32x4.add(squares0, f32x4.mul(v, v))
    squares1 = f32x4.add(squares1, f32x4.mul(w, w))
    sizes0 = f32x4.add(sizes0, f32x4.abs(v))
    sizes1 = f32x4.add(sizes1, f32x4.abs(w))
    storeSigns(to, v, high)
    storeSigns(to + 16, w, high)
  }
  const lean = sum(f32x4.add(lean0, lean1))
  const tail = block + ((<usize>bits) << 2)
  const slot = tail + ((<usize>lane) << 2)
  const square = sum(f32x4.add(squares0, squares1))
  const size = sum(f32x4.add(sizes0, sizes1))
  const factor: f32 = size > 0 ? square / size : 0
  store<f32>(slot, factor, BLOCK_F)
  store<f32>(slot, g - factor * lean, BLOCK_G)
  store<f32>(slot, norm, BLOCK_NORM)
  store<u32>(slot, row, BLOCK_ROW)
  const cosine2: f32 = square > 0 ? min<f32>(1, (size * size) / (square * <f32>bits)) : 1
  const spread = Mathf.sqrt(((1 - cosine2) * <f32>bits) / <f32>(bits - 1))
  store<f32>(tail, max(load<f32>(tail, BLOCK_E), spread), BLOCK_E)
}
