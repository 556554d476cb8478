/** Levels of one table entry: sums of eight stay within a byte. */
const LEVELS: f32 = 31

/** What all entries of the tables are multiplied with, and the sum of all negative extremes: of all, and of the early ones. */
export let step: f32 = 0
export let bias: f32 = 0
export let earlyBias: f32 = 0
/** Length of the vector that the tables stand for. */
export let length: f32 = 0

function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
}

/**
 * For every four of the `bits` floats at `p` the sixteen sums with each sign pattern, in 32 levels, as bytes at `tables`: bit j of
 * the index stands for +p[j] (FastScan: André, Kermarrec and Le Scouarnec 2015). `early`: how many of them come first.
 */
export function makeTables(p: usize, bits: i32, early: i32, tables: usize): void {
  const end = p + ((<usize>bits) << 2)
  const middle = p + ((<usize>early) << 2)
  let widest: f32 = 0
  let total: f32 = 0
  let squares = f32x4.splat(0)
  for (let at = p; at < end; at += 16) {
    const v = v128.load(at)
    squares = f32x4.add(squares, f32x4.mul(v, v))
    if (at == middle) earlyBias = -total
    const reach = sum(f32x4.abs(v))
    widest = max(widest, reach)
    total += reach
  }
  length = Mathf.sqrt(sum(squares))
  const inverse: f32 = widest > 0 ? LEVELS / (2 * widest) : 0
  step = (2 * widest) / LEVELS
  bias = -total
  if (middle >= end) earlyBias = bias
  const scale = f32x4.splat(inverse)
  for (let at = p; at < end; at += 16, tables += 16) {
    const a = load<f32>(at)
    const b = load<f32>(at, 4)
    const c = load<f32>(at, 8)
    const d = load<f32>(at, 12)
    const low = f32x4.add(f32x4(-a - b, a - b, b - a, a + b), f32x4.splat(sum(f32x4.abs(v128.load(at)))))
    const t0 = f32x4.nearest(f32x4.mul(f32x4.add(low, f32x4.splat(-c - d)), scale))
    const t1 = f32x4.nearest(f32x4.mul(f32x4.add(low, f32x4.splat(c - d)), scale))
    const t2 = f32x4.nearest(f32x4.mul(f32x4.add(low, f32x4.splat(d - c)), scale))
    const t3 = f32x4.nearest(f32x4.mul(f32x4.add(low, f32x4.splat(c + d)), scale))
    const first = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(t0), i32x4.trunc_sat_f32x4_s(t1))
    const second = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(t2), i32x4.trunc_sat_f32x4_s(t3))
    v128.store(tables, i8x16.narrow_i16x8_u(first, second))
  }
}

/** `n` floats at `p` as 16-bit numbers at `to` times the answered scale, small enough that a dot product with bytes fits 32 bits. */
export function widen(p: usize, n: i32, to: usize): f32 {
  let most: f32 = 0
  let total: f64 = 0
  for (let i = 0; i < n; i++) {
    const size = abs(load<f32>(p + ((<usize>i) << 2)))
    most = max(most, size)
    total += size
  }
  if (most == 0) return 0
  const factor = min<f64>(32767 / <f64>most, 16_000_000 / total)
  for (let i = 0; i < n; i++) {
    store<i16>(to + ((<usize>i) << 1), <i16>nearest(<f64>load<f32>(p + ((<usize>i) << 2)) * factor))
  }
  return <f32>(1 / factor)
}
