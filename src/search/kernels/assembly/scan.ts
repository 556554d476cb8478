import { compareWaiting, enqueue, forget, hasRoom, isFull } from './compare'
import { estimate, takeHeart } from './estimate'
import { BLOCK_ROW } from './layout'

let filter: usize = 0

export function begin(best: i32, least: f32, errorShare: f32, errorSlack: f32, heapAt: usize, filterAt: usize): void {
  forget(best, least, errorShare, errorSlack, heapAt)
  filter = filterAt
  takeHeart()
}

function passes(row: u32): bool {
  return filter == 0 || (load<u8>(filter + (row >> 3)) & (1 << (row & 7))) != 0
}

/**
 * Scans the blocks whose addresses stand at `list`, from the `from`th to the `to`th, and compares what may be among the best.
 * Answers where it stopped: at `to`, or before when candidates have no room left.
 */
export function scanBlocks(list: usize, from: i32, to: i32, bits: i32): i32 {
  for (let i = from; i < to; i++) {
    if (!hasRoom()) {
      compareWaiting()
      return i
    }
    const block = <usize>load<u32>(list + ((<usize>i) << 2))
    let hits = estimate(block, bits)
    const numbers = block + ((<usize>bits) << 2)
    while (hits != 0) {
      const row = load<u32>(numbers + ((<usize>ctz(hits)) << 2), BLOCK_ROW)
      hits &= hits - 1
      if (passes(row)) enqueue(row)
    }
    if (isFull()) compareWaiting()
  }
  compareWaiting()
  return to
}

/** Compares every row of a bitmap, 32 rows a word. Answers as `scanBlocks` does. */
export function scanRows(bitmap: usize, from: i32, to: i32): i32 {
  for (let i = from; i < to; i++) {
    let word = load<u32>(bitmap + ((<usize>i) << 2))
    if (word == 0) continue
    if (!hasRoom()) {
      compareWaiting()
      return i
    }
    while (word != 0) {
      enqueue(((<u32>i) << 5) + <u32>ctz(word))
      word &= word - 1
    }
    if (isFull()) compareWaiting()
  }
  compareWaiting()
  return to
}
