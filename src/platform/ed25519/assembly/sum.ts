import { FOUR } from './element'
import { addPoint, double, isNeutral, makeReady, setNeutral, subtractPoint } from './point'

/** Bits of a digit; digits go from −32 to 31. */
const DIGIT_BITS: i32 = 6
const BUCKETS: usize = 32
/** Digits of a scalar of 253 bits, and of one of 128. */
const WIDE: i32 = 43
const NARROW: i32 = 22

const PARTS = memory.data(5120, 16)
const TOTAL = memory.data(160, 16)
const RUNNING = memory.data(160, 16)
const WINDOW = memory.data(160, 16)
const READY = memory.data(160, 16)

/** Adds the product of 16 bytes and `words` numbers of 4 bytes to a sum of 24 numbers, each in the lower half of 8 bytes or above. */
export function addProduct(sum: usize, factor: usize, value: usize, words: i32): void {
  for (let i: usize = 0; i < 4; i++) {
    const left = <u64>load<u32>(factor + (i << 2))
    for (let j: usize = 0; j < <usize>words; j++) {
      const product = left * <u64>load<u32>(value + (j << 2))
      const at = sum + ((i + j) << 3)
      store<u64>(at, load<u64>(at) + (product & 0xffffffff))
      store<u64>(at + 8, load<u64>(at + 8) + (product >> 32))
    }
  }
}

/**
 * Whether eight times the sum of points, each multiplied by its scalar, is the neutral element (Pippenger's algorithm, with
 * signed digits). Points are ready, `FOUR` bytes each; scalars 32 bytes each, little-endian, below 2^253. The first `wide`
 * may be of any size, the others are below 2^128. `digits` has room for 43 bytes a point.
 */
export function isSumNeutral(points: usize, scalars: usize, count: i32, wide: i32, digits: usize): bool {
  for (let i = 0; i < count; i++) writeDigits(scalars + ((<usize>i) << 5), digits + <usize>i, <usize>count)
  setNeutral(TOTAL)
  for (let place = WIDE - 1; place >= 0; place--) {
    if (place < WIDE - 1) double(TOTAL, DIGIT_BITS)
    addWindow(points, digits + <usize>(place * count), place < NARROW ? count : wide)
  }
  double(TOTAL, 3)
  return isNeutral(TOTAL)
}

/** Signed digits of a scalar, one after `stride` bytes. */
function writeDigits(scalar: usize, out: usize, stride: usize): void {
  let rest = 0
  for (let place = 0; place < WIDE; place++) {
    const bit = place * DIGIT_BITS
    // Two bytes hold the digit; behind the last byte of a scalar there is none.
    const at = bit >> 3
    const high = at < 31 ? (<i32>load<u8>(scalar + <usize>at + 1)) << 8 : 0
    let digit = ((((<i32>load<u8>(scalar + <usize>at)) | high) >> (bit & 7)) & 63) + rest
    rest = digit >= 32 ? 1 : 0
    digit -= rest << DIGIT_BITS
    store<i8>(out, <i8>digit)
    out += stride
  }
}

/** Adds each point times its digit to the total: points of one digit first among themselves. */
function addWindow(points: usize, digits: usize, count: i32): void {
  for (let i: usize = 0; i < BUCKETS; i++) setNeutral(PARTS + i * FOUR)
  let highest = -1
  for (let i = 0; i < count; i++) {
    const digit = <i32>load<i8>(digits + <usize>i)
    if (digit == 0) continue
    const bucket = (digit < 0 ? -digit : digit) - 1
    if (bucket > highest) highest = bucket
    const part = PARTS + <usize>bucket * FOUR
    const point = points + <usize>i * FOUR
    if (digit > 0) addPoint(part, part, point)
    else subtractPoint(part, part, point)
  }
  if (highest < 0) return
  setNeutral(RUNNING)
  setNeutral(WINDOW)
  for (let bucket = highest; bucket >= 0; bucket--) {
    makeReady(READY, PARTS + <usize>bucket * FOUR)
    addPoint(RUNNING, RUNNING, READY)
    makeReady(READY, RUNNING)
    addPoint(WINDOW, WINDOW, READY)
  }
  makeReady(READY, WINDOW)
  addPoint(TOTAL, TOTAL, READY)
}
