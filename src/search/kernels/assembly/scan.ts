import { BLOCK_E, BLOCK_F, BLOCK_G, BLOCK_NORM, BLOCK_ROW, CHUNK_BITS, ROW_ERROR, ROW_NORM, ROW_SCALE } from './layout'
import { bias, step } from './query'

/** The query: rotated, as 16-bit numbers times a scale; its tables for the codes. */
let wide: usize = 0
let wideScale: f32 = 0
let tables: usize = 0
/** Length of the query less the centroid, times the deviations that count; and what every estimate has in common. */
let reach: f32 = 0
let common: f32 = 0
/** value = cosine, or norm × (slope × cosine + bend × norm) */
let isCosine: bool = true
let slope: f32 = 1
let bend: f32 = 0
let rows: usize = 0
let chunks: usize = 0
let bytes: i32 = 0
let filter: usize = 0

/** How far a value may be off: a share of the row's own error, and a constant. */
let doubt: f32 = 0
let slack: f32 = 0

/** A heap of the best `k` lower bounds, its root the worst; `floor` is what an upper bound must reach. */
let heap: usize = 0
let size: i32 = 0
let k: i32 = 0
let floor: f32 = 0

/** Candidates: row, value and upper bound, 12 bytes each. */
let found: usize = 0
let capacity: i32 = 0
export let count: i32 = 0
/** Rows compared byte by byte. */
export let compared: i32 = 0
export let threshold: f32 = 0

export function setRows(chunkTable: usize, rowBytes: i32): void {
  chunks = chunkTable
  bytes = rowBytes
}

export function setQuery(at: usize, scale: f32): void {
  wide = at
  wideScale = scale
}

export function setCodes(tablesAt: usize, spread: f32, constant: f32): void {
  tables = tablesAt
  reach = spread
  common = constant
}

export function setMetric(cosine: bool, a: f32, b: f32): void {
  isCosine = cosine
  slope = a
  bend = b
}

export function begin(best: i32, least: f32, errorShare: f32, errorSlack: f32, heapAt: usize, filterAt: usize): void {
  k = best
  floor = least
  threshold = least
  doubt = errorShare
  slack = errorSlack
  heap = heapAt
  size = 0
  count = 0
  compared = 0
  filter = filterAt
}

/** Where candidates go; those found so far have been moved there by the caller. */
export function setFound(at: usize, room: i32): void {
  found = at
  capacity = room
}

function rowAt(row: u32): usize {
  const inside = row & (((<u32>1) << CHUNK_BITS) - 1)
  return <usize>load<u32>(chunks + ((<usize>(row >> CHUNK_BITS)) << 2)) + <usize>inside * <usize>(bytes + 16)
}

/** Product of the query with one row, in whole numbers. */
function product(row: usize): i32 {
  let even = i32x4.splat(0)
  let odd = i32x4.splat(0)
  let q = wide
  for (let at = row, end = row + <usize>bytes; at < end; at += 16, q += 32) {
    const codes = v128.load(at)
    even = i32x4.add(even, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(codes), v128.load(q)))
    odd = i32x4.add(odd, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(codes), v128.load(q, 16)))
  }
  const all = i32x4.add(even, odd)
  return (
    i32x4.extract_lane(all, 0) + i32x4.extract_lane(all, 1) + i32x4.extract_lane(all, 2) + i32x4.extract_lane(all, 3)
  )
}

function cosineOf(row: usize): f32 {
  return <f32>product(row) * wideScale * load<f32>(row + <usize>bytes, ROW_SCALE)
}

function compare(row: u32): void {
  const at = rowAt(row)
  let value = cosineOf(at)
  let error = doubt * load<f32>(at + <usize>bytes, ROW_ERROR) + slack
  if (!isCosine) {
    const norm = load<f32>(at + <usize>bytes, ROW_NORM)
    value = norm * (slope * value + bend * norm)
    error *= norm * slope
  }
  compared++
  if (value + error < threshold) return
  const to = found + <usize>count * 12
  store<u32>(to, row)
  store<f32>(to, value, 4)
  store<f32>(to, value + error, 8)
  count++
  raise(value - error)
}

/** Puts a lower bound into the heap and sets the threshold. */
function raise(value: f32): void {
  if (size < k) {
    let child = size++
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = load<f32>(heap + ((<usize>parent) << 2))
      if (above <= value) break
      store<f32>(heap + ((<usize>child) << 2), above)
      child = parent
    }
    store<f32>(heap + ((<usize>child) << 2), value)
  } else if (value > load<f32>(heap)) {
    let parent = 0
    while (true) {
      let child = parent * 2 + 1
      if (child >= k) break
      const right = child + 1
      if (right < k && load<f32>(heap + ((<usize>right) << 2)) < load<f32>(heap + ((<usize>child) << 2))) child = right
      const below = load<f32>(heap + ((<usize>child) << 2))
      if (below >= value) break
      store<f32>(heap + ((<usize>parent) << 2), below)
      parent = child
    }
    store<f32>(heap + ((<usize>parent) << 2), value)
  }
  if (size == k) threshold = max(floor, load<f32>(heap))
}

/** Drops the candidates that cannot be among the best any more; answers whether there is room for `more`. */
export function compact(more: i32): bool {
  let kept = 0
  for (let i = 0; i < count; i++) {
    const from = found + <usize>i * 12
    if (load<f32>(from, 8) < threshold) continue
    const to = found + <usize>kept * 12
    store<u64>(to, load<u64>(from))
    store<f32>(to, load<f32>(from, 8), 8)
    kept++
  }
  count = kept
  return count + more <= capacity
}

function passes(row: u32): bool {
  return filter == 0 || (load<u8>(filter + (row >> 3)) & (1 << (row & 7))) != 0
}

function swizzle(table: v128, index: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, index)
  return i8x16.swizzle(table, index)
}

/** Upper bounds of four slots: bits of those that reach the threshold. */
function four(sums: v128, slot: usize, scale: v128, offset: v128): i32 {
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
  return i32x4.bitmask(f32x4.ge(upper, f32x4.splat(threshold)))
}

/** Estimates the 32 vectors of a block; the bits of those that may be among the best. */
function estimate(block: usize, bits: i32): u32 {
  const low = i8x16.splat(0x0f)
  const byte = i16x8.splat(0x00ff)
  let a0 = i16x8.splat(0)
  let a1 = i16x8.splat(0)
  let b0 = i16x8.splat(0)
  let b1 = i16x8.splat(0)
  const end = block + ((<usize>bits) << 2)
  let table = tables
  for (let at = block; at < end; at += 128, table += 128) {
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
  const scale = f32x4.splat(step)
  const offset = f32x4.splat(bias + reach * load<f32>(end, BLOCK_E))
  const s0 = v128.shuffle<i16>(a0, a1, 0, 8, 1, 9, 2, 10, 3, 11)
  const s1 = v128.shuffle<i16>(a0, a1, 4, 12, 5, 13, 6, 14, 7, 15)
  const s2 = v128.shuffle<i16>(b0, b1, 0, 8, 1, 9, 2, 10, 3, 11)
  const s3 = v128.shuffle<i16>(b0, b1, 4, 12, 5, 13, 6, 14, 7, 15)
  return (
    four(i32x4.extend_low_i16x8_u(s0), end, scale, offset) |
    (four(i32x4.extend_high_i16x8_u(s0), end + 16, scale, offset) << 4) |
    (four(i32x4.extend_low_i16x8_u(s1), end + 32, scale, offset) << 8) |
    (four(i32x4.extend_high_i16x8_u(s1), end + 48, scale, offset) << 12) |
    (four(i32x4.extend_low_i16x8_u(s2), end + 64, scale, offset) << 16) |
    (four(i32x4.extend_high_i16x8_u(s2), end + 80, scale, offset) << 20) |
    (four(i32x4.extend_low_i16x8_u(s3), end + 96, scale, offset) << 24) |
    (four(i32x4.extend_high_i16x8_u(s3), end + 112, scale, offset) << 28)
  )
}

/**
 * Scans the blocks whose addresses stand at `list`, from the `from`th to the `to`th, and compares what may be among the best.
 * Answers where it stopped: at `to`, or before when candidates have no room left.
 */
export function scanBlocks(list: usize, from: i32, to: i32, bits: i32): i32 {
  for (let i = from; i < to; i++) {
    if (count + 32 > capacity && !compact(32)) return i
    const block = <usize>load<u32>(list + ((<usize>i) << 2))
    let hits = estimate(block, bits)
    const numbers = block + ((<usize>bits) << 2)
    while (hits != 0) {
      const row = load<u32>(numbers + ((<usize>ctz(hits)) << 2), BLOCK_ROW)
      hits &= hits - 1
      if (passes(row)) compare(row)
    }
  }
  return to
}

/** Compares every row of a bitmap, 32 rows a word. Answers as `scanBlocks` does. */
export function scanRows(bitmap: usize, from: i32, to: i32): i32 {
  for (let i = from; i < to; i++) {
    let word = load<u32>(bitmap + ((<usize>i) << 2))
    if (word == 0) continue
    if (count + 32 > capacity && !compact(32)) return i
    while (word != 0) {
      compare(((<u32>i) << 5) + <u32>ctz(word))
      word &= word - 1
    }
  }
  return to
}

/** Cosines of the query with the rows whose numbers stand at `list`, as floats in their place. */
export function cosines(list: usize, n: i32): void {
  for (let at = list, end = list + ((<usize>n) << 2); at < end; at += 4) store<f32>(at, cosineOf(rowAt(load<u32>(at))))
}

/** The same with rows that lie one after the other. */
export function cosinesOf(first: usize, n: i32, to: usize): void {
  for (let i = 0; i < n; i++, first += <usize>(bytes + 16), to += 4) store<f32>(to, cosineOf(first))
}
