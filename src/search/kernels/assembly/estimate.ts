import { bend, isCosine, slope, threshold } from './compare'
import { subtract } from './encode'
import { BLOCK_E, BLOCK_F, BLOCK_G, BLOCK_NORM } from './layout'
import { bias, earlyBias, length, makeTables, step } from './query'

/** The query's tables for the codes. */
let tables: usize = 0
/** Length of the query less the list's centroid, times the deviations that count; and what every estimate of the list has in common. */
let reach: f32 = 0
let common: f32 = 0
/**
 * After so many bits of a block all of it is given up if none of its estimates from these, scaled up, comes near the threshold.
 * How much they may be off for being few; and how often that has paid of late: below 0 it is left.
 */
let early: i32 = 0
let earlyScale: f32 = 0
let earlyReach: f32 = 0
let patience: i32 = 0
/** The most that `patience` is, what it gains when a block is given up early and loses when one is not. */
const PATIENCE: i32 = 32
const GAIN: i32 = 4

/**
 * Turns to the codes of a generation, whose mean is at `mean`: the query's tables for them, and how far estimates from the first
 * `first` bits may be off for being few, in deviations. Answers the product of query and mean.
 */
export function aim(
  query: usize,
  mean: usize,
  bits: i32,
  first: i32,
  difference: usize,
  tablesAt: usize,
  firstDeviations: f32,
): f32 {
  const product = subtract(query, mean, bits, difference)
  makeTables(difference, bits, first, tablesAt)
  tables = tablesAt
  early = first
  earlyScale = <f32>bits / <f32>first
  earlyReach = firstDeviations * length * Mathf.sqrt(earlyScale - 1)
  return product
}

/** Turns to a list: how far its estimates may be off, and what they have in common. */
export function turn(off: f32, shared: f32): void {
  reach = off
  common = shared
}

/** A scan begins. */
export function takeHeart(): void {
  patience = PATIENCE
}

function swizzle(table: v128, index: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, index)
  return i8x16.swizzle(table, index)
}

/** Which of four slots reach the threshold by their upper bounds. */
function four(sums: v128, slot: usize, scale: v128, offset: v128): v128 {
  const f = v128.load(slot, BLOCK_F)
  let upper = f32x4.add(
    f32x4.mul(f, f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(sums), scale), offset)),
    v128.load(slot, BLOCK_G),
  )
  upper = f32x4.add(upper, f32x4.splat(common))
  if (!isCosine) {
    const norm = v128.load(slot, BLOCK_NORM)
    upper = f32x4.mul(norm, f32x4.add(f32x4.mul(upper, f32x4.splat(slope)), f32x4.mul(norm, f32x4.splat(bend))))
  }
  return f32x4.ge(upper, f32x4.splat(threshold))
}

/** The bits of the slots whose upper bounds, from these sums, reach the threshold. */
function reaching(a0: v128, a1: v128, b0: v128, b1: v128, slots: usize, scale: v128, offset: v128): u32 {
  const s0 = v128.shuffle<i16>(a0, a1, 0, 8, 1, 9, 2, 10, 3, 11)
  const s1 = v128.shuffle<i16>(a0, a1, 4, 12, 5, 13, 6, 14, 7, 15)
  const s2 = v128.shuffle<i16>(b0, b1, 0, 8, 1, 9, 2, 10, 3, 11)
  const s3 = v128.shuffle<i16>(b0, b1, 4, 12, 5, 13, 6, 14, 7, 15)
  const m0 = four(i32x4.extend_low_i16x8_u(s0), slots, scale, offset)
  const m1 = four(i32x4.extend_high_i16x8_u(s0), slots + 16, scale, offset)
  const m2 = four(i32x4.extend_low_i16x8_u(s1), slots + 32, scale, offset)
  const m3 = four(i32x4.extend_high_i16x8_u(s1), slots + 48, scale, offset)
  const m4 = four(i32x4.extend_low_i16x8_u(s2), slots + 64, scale, offset)
  const m5 = four(i32x4.extend_high_i16x8_u(s2), slots + 80, scale, offset)
  const m6 = four(i32x4.extend_low_i16x8_u(s3), slots + 96, scale, offset)
  const m7 = four(i32x4.extend_high_i16x8_u(s3), slots + 112, scale, offset)
  const low = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3))
  const high = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m4, m5), i16x8.narrow_i32x4_s(m6, m7))
  return (<u32>i8x16.bitmask(low)) | ((<u32>i8x16.bitmask(high)) << 16)
}

/** Estimates the 32 vectors of a block; the bits of those that may be among the best. */
export function estimate(block: usize, bits: i32): u32 {
  const low = i8x16.splat(0x0f)
  const byte = i16x8.splat(0x00ff)
  let a0 = i16x8.splat(0)
  let a1 = i16x8.splat(0)
  let b0 = i16x8.splat(0)
  let b1 = i16x8.splat(0)
  const end = block + ((<usize>bits) << 2)
  let table = tables
  let at = block
  const hurried = patience >= 0
  let stop = hurried ? block + ((<usize>early) << 2) : end
  while (true) {
    for (; at < stop; at += 128, table += 128) {
      let c = v128.load(at)
      let t = v128.load(table)
      let first = swizzle(t, v128.and(c, low))
      let second = swizzle(t, v128.and(i16x8.shr_u(c, 4), low))
      c = v128.load(at, 16)
      t = v128.load(table, 16)
      first = i8x16.add(first, swizzle(t, v128.and(c, low)))
      second = i8x16.add(second, swizzle(t, v128.and(i16x8.shr_u(c, 4), low)))
      c = v128.load(at, 32)
      t = v128.load(table, 32)
      first = i8x16.add(first, swizzle(t, v128.and(c, low)))
      second = i8x16.add(second, swizzle(t, v128.and(i16x8.shr_u(c, 4), low)))
      c = v128.load(at, 48)
      t = v128.load(table, 48)
      first = i8x16.add(first, swizzle(t, v128.and(c, low)))
      second = i8x16.add(second, swizzle(t, v128.and(i16x8.shr_u(c, 4), low)))
      c = v128.load(at, 64)
      t = v128.load(table, 64)
      first = i8x16.add(first, swizzle(t, v128.and(c, low)))
      second = i8x16.add(second, swizzle(t, v128.and(i16x8.shr_u(c, 4), low)))
      c = v128.load(at, 80)
      t = v128.load(table, 80)
      first = i8x16.add(first, swizzle(t, v128.and(c, low)))
      second = i8x16.add(second, swizzle(t, v128.and(i16x8.shr_u(c, 4), low)))
      c = v128.load(at, 96)
      t = v128.load(table, 96)
      first = i8x16.add(first, swizzle(t, v128.and(c, low)))
      second = i8x16.add(second, swizzle(t, v128.and(i16x8.shr_u(c, 4), low)))
      c = v128.load(at, 112)
      t = v128.load(table, 112)
      first = i8x16.add(first, swizzle(t, v128.and(c, low)))
      second = i8x16.add(second, swizzle(t, v128.and(i16x8.shr_u(c, 4), low)))
      a0 = i16x8.add(a0, v128.and(first, byte))
      a1 = i16x8.add(a1, i16x8.shr_u(first, 8))
      b0 = i16x8.add(b0, v128.and(second, byte))
      b1 = i16x8.add(b1, i16x8.shr_u(second, 8))
    }
    if (at == end) break
    const soon = f32x4.splat(earlyScale * earlyBias + earlyReach + reach * load<f32>(end, BLOCK_E))
    if (reaching(a0, a1, b0, b1, end, f32x4.splat(earlyScale * step), soon) == 0) {
      patience = min(PATIENCE, patience + GAIN)
      return 0
    }
    if (--patience < 0) patience = -PATIENCE
    stop = end
  }
  if (!hurried) patience++
  const offset = f32x4.splat(bias + reach * load<f32>(end, BLOCK_E))
  return reaching(a0, a1, b0, b1, end, f32x4.splat(step), offset)
}
