import { CHUNK_BITS, ROW_AXES, ROW_ERROR, ROW_NORM, ROW_SCALE } from './layout'

/** The query: rotated, as 16-bit numbers times a scale, and its product with what the rows are kept as differences from. */
export let wide: usize = 0
export let wideScale: f32 = 0
export let shared: f32 = 0
/** Where the query's products with the axes are; 0 where rows have no shares of any. */
export let axes: usize = 0
/** value = cosine, or norm × (slope × cosine + bend × norm) */
export let isCosine: bool = true
export let slope: f32 = 1
export let bend: f32 = 0
let chunks: usize = 0
export let bytes: i32 = 0
export let rowSize: usize = 0

/** What rounding does to the square of a length. */
const ROUNDED: f32 = 3e-7
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

export function setRows(chunkTable: usize, rowBytes: i32, size: usize): void {
  chunks = chunkTable
  bytes = rowBytes
  rowSize = size
}

export function setQuery(at: usize, scale: f32, product: f32, along: usize): void {
  wide = at
  wideScale = scale
  shared = product
  axes = along
}

export function setMetric(cosine: bool, a: f32, b: f32): void {
  isCosine = cosine
  slope = a
  bend = b
}

/** Forgets what was found, and what a scan found before. */
export function forget(best: i32, least: f32, errorShare: f32, errorSlack: f32, heapAt: usize): void {
  k = best
  floor = least
  threshold = least
  doubt = errorShare
  slack = errorSlack
  heap = heapAt
  size = 0
  count = 0
  compared = 0
}

/** Where candidates go; those found so far have been moved there by the caller. */
export function setFound(at: usize, room: i32): void {
  found = at
  capacity = room
}

function rowAt(row: u32): usize {
  const inside = row & (((<u32>1) << CHUNK_BITS) - 1)
  return <usize>load<u32>(chunks + ((<usize>(row >> CHUNK_BITS)) << 2)) + <usize>inside * rowSize
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

export function cosineOf(row: usize): f32 {
  return <f32>product(row) * wideScale * load<f32>(row + <usize>bytes, ROW_SCALE) + shared
}

/** The product of what a row, whose tail this is, and the query have along the axes, where there are any. */
export function along(tail: usize): f32 {
  const first = f32x4.mul(v128.load(tail, ROW_AXES), v128.load(axes))
  const all = f32x4.add(first, f32x4.mul(v128.load(tail, ROW_AXES + 16), v128.load(axes, 16)))
  return (
    f32x4.extract_lane(all, 0) + f32x4.extract_lane(all, 1) + f32x4.extract_lane(all, 2) + f32x4.extract_lane(all, 3)
  )
}

function compare(row: u32): void {
  const at = rowAt(row)
  let value = cosineOf(at)
  if (axes != 0) value += along(at + <usize>bytes)
  let error = doubt * load<f32>(at + <usize>bytes, ROW_ERROR) + slack
  if (!isCosine) {
    const norm = load<f32>(at + <usize>bytes, ROW_NORM)
    value = norm * (slope * value + bend * norm)
    error = norm * (slope * error - bend * norm * ROUNDED)
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

/** Rows that wait to be compared, since to fetch some from memory at once takes hardly longer than to fetch one. */
const WAITING: i32 = 16
/** One block's worth may come on top. */
const waiting: usize = memory.data(4 * 48)
let waits: i32 = 0
/** Keeps the loads that fetch from being left out. */
let fetched: u32 = 0

/** Compares the rows that wait, after it has asked for all their lines. */
export function compareWaiting(): void {
  const end = waiting + ((<usize>waits) << 2)
  let sum: u32 = 0
  for (let at = waiting; at < end; at += 4) {
    const row = rowAt(load<u32>(at))
    for (let line = row, last = row + rowSize - 16; line <= last; line += 64) sum += load<u8>(line)
  }
  fetched = sum
  for (let at = waiting; at < end; at += 4) compare(load<u32>(at))
  waits = 0
}

/** Has a row compared, at once or with others that come soon. The caller sees to it that there is room. */
export function enqueue(row: u32): void {
  store<u32>(waiting + ((<usize>waits) << 2), row)
  waits++
}

/** Whether so many wait that they should be compared. */
export function isFull(): bool {
  return waits >= WAITING
}

/** Cosines of the query with the rows whose numbers stand at `list`, as floats in their place. */
export function cosines(list: usize, n: i32): void {
  for (let at = list, end = list + ((<usize>n) << 2); at < end; at += 4) {
    const row = rowAt(load<u32>(at))
    store<f32>(at, axes == 0 ? cosineOf(row) : cosineOf(row) + along(row + <usize>bytes))
  }
}

/** Whether there is room for what waits and for all of one block more, once those that cannot be among the best are dropped. */
export function hasRoom(): bool {
  return count + 64 <= capacity || compact(64)
}
