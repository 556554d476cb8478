import { ROUNDING } from './layout'

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
  const magic = f32x4.splat(ROUNDING)
  for (let at = p; at < end; at += 16, tables += 16) {
    const v = v128.load(at)
    const a = v128.xor(v128.shuffle<f32>(v, v, 0, 0, 0, 0), f32x4(-0.0, 0, -0.0, 0))
    const b = v128.xor(v128.shuffle<f32>(v, v, 1, 1, 1, 1), f32x4(-0.0, -0.0, 0, 0))
    const c = v128.shuffle<f32>(v, v, 2, 2, 2, 2)
    const d = v128.shuffle<f32>(v, v, 3, 3, 3, 3)
    const low = f32x4.add(f32x4.add(a, b), f32x4.splat(sum(f32x4.abs(v))))
    const both = f32x4.add(c, d)
    const apart = f32x4.sub(c, d)
    const t0 = f32x4.add(f32x4.mul(f32x4.sub(low, both), scale), magic)
    const t1 = f32x4.add(f32x4.mul(f32x4.add(low, apart), scale), magic)
    const t2 = f32x4.add(f32x4.mul(f32x4.sub(low, apart), scale), magic)
    const t3 = f32x4.add(f32x4.mul(f32x4.add(low, both), scale), magic)
    const first = i16x8.narrow_i32x4_s(i32x4.sub(t0, magic), i32x4.sub(t1, magic))
    const second = i16x8.narrow_i32x4_s(i32x4.sub(t2, magic), i32x4.sub(t3, magic))
    v128.store(tables, i8x16.narrow_i16x8_u(first, second))
  }
}

/**
 * `n` floats at `p`, a multiple of 16, as 16-bit numbers at `to` times the answered scale, small enough that a dot product with bytes fits
 * 32 bits.
 */
export function widen(p: usize, n: i32, to: usize): f32 {
  const end = p + ((<usize>n) << 2)
  let most0 = f32x4.splat(0)
  let most1 = most0
  let total0 = most0
  let total1 = most0
  for (let at = p; at < end; at += 32) {
    const a = f32x4.abs(v128.load(at))
    const b = f32x4.abs(v128.load(at, 16))
    most0 = f32x4.pmax(most0, a)
    most1 = f32x4.pmax(most1, b)
    total0 = f32x4.add(total0, a)
    total1 = f32x4.add(total1, b)
  }
  const all = f32x4.pmax(most0, most1)
  const most = max(
    max(f32x4.extract_lane(all, 0), f32x4.extract_lane(all, 1)),
    max(f32x4.extract_lane(all, 2), f32x4.extract_lane(all, 3)),
  )
  if (most == 0) return 0
  const factor = min<f32>(32767 / most, 16_000_000 / sum(f32x4.add(total0, total1)))
  const factors = f32x4.splat(factor)
  const magic = f32x4.splat(ROUNDING)
  for (let at = p; at < end; at += 32, to += 16) {
    const a = f32x4.add(f32x4.mul(v128.load(at), factors), magic)
    const b = f32x4.add(f32x4.mul(v128.load(at, 16), factors), magic)
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.sub(a, magic), i32x4.sub(b, magic)))
  }
  return 1 / factor
}
