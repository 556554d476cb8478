import { multiply, square } from './multiply'

/** Bytes of four elements; of one limb of four. */
export const FOUR: usize = 160
export const LIMB: usize = 16

/** Twice the modulus, limb by limb: no limb of a reduced element is larger. */
const TWICE_FIRST = i32x4.splat(0x7ffffda)
const TWICE_ODD = i32x4.splat(0x3fffffe)
const TWICE_EVEN = i32x4.splat(0x7fffffe)

// @ts-ignore: decorator
@inline
export function twice(limb: i32): v128 {
  return limb == 0 ? TWICE_FIRST : (limb & 1) == 1 ? TWICE_ODD : TWICE_EVEN
}

export function add(out: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < FOUR; at += LIMB) {
    v128.store(out + at, i32x4.add(v128.load(a + at), v128.load(b + at)))
  }
}

/** `b` is reduced. Of a reduced `a` the difference is loose. */
export function subtract(out: usize, a: usize, b: usize): void {
  for (let limb = 0; limb < 10; limb++) {
    const at = (<usize>limb) << 4
    const biased = i32x4.add(v128.load(a + at), twice(limb))
    v128.store(out + at, i32x4.sub(biased, v128.load(b + at)))
  }
}

/** Reads 32 bytes, little-endian, as one of four elements; the highest bit is left out. */
export function read(out: usize, lane: usize, bytes: usize): void {
  const at = out + (lane << 2)
  store<u32>(at, load<u32>(bytes) & 0x3ffffff)
  store<u32>(at + 16, (load<u32>(bytes + 3) >>> 2) & 0x1ffffff)
  store<u32>(at + 32, (load<u32>(bytes + 6) >>> 3) & 0x3ffffff)
  store<u32>(at + 48, (load<u32>(bytes + 9) >>> 5) & 0x1ffffff)
  store<u32>(at + 64, (load<u32>(bytes + 12) >>> 6) & 0x3ffffff)
  store<u32>(at + 80, load<u32>(bytes + 16) & 0x1ffffff)
  store<u32>(at + 96, (load<u32>(bytes + 19) >>> 1) & 0x3ffffff)
  store<u32>(at + 112, (load<u32>(bytes + 22) >>> 3) & 0x1ffffff)
  store<u32>(at + 128, (load<u32>(bytes + 25) >>> 4) & 0x3ffffff)
  store<u32>(at + 144, (load<u32>(bytes + 28) >>> 6) & 0x1ffffff)
}

const FROZEN = memory.data(40, 8)

/** Writes one of four loose elements to `FROZEN` as the smallest of its class, limb by limb. */
function freeze(a: usize, lane: usize): void {
  for (let i: usize = 0; i < 10; i++) store<u32>(FROZEN + (i << 2), load<u32>(a + (i << 4) + (lane << 2)))
  // Loose: below 2^257. After one round below 2^255 + 2^7, after the second below 2^255, every limb within its bits.
  carry(0)
  carry(0)
  // Adding 19 passes 2^255 exactly where the modulus is reached; then what is left above 2^255 is the answer.
  const passes = exceeds()
  carry(passes ? 19 : 0)
  if (passes) store<u32>(FROZEN, load<u32>(FROZEN) - 19 * dropped)
}

/** What the last carry took from the top. */
let dropped: u32 = 0

/** One round of carries; what leaves the top comes in below, times nineteen. */
function carry(more: u32): void {
  let rest = more
  for (let i: usize = 0; i < 10; i++) {
    const bits: u32 = (i & 1) == 1 ? 25 : 26
    const limb = load<u32>(FROZEN + (i << 2)) + rest
    rest = limb >>> bits
    store<u32>(FROZEN + (i << 2), limb & ((1 << bits) - 1))
  }
  dropped = rest
  store<u32>(FROZEN, load<u32>(FROZEN) + 19 * rest)
}

/** Whether an element below 2^255 is not below the modulus 2^255 − 19. */
function exceeds(): bool {
  let rest: u32 = 19
  for (let i: usize = 0; i < 10; i++) rest = (load<u32>(FROZEN + (i << 2)) + rest) >>> ((i & 1) == 1 ? 25 : 26)
  return rest != 0
}

export function isZero(a: usize, lane: usize): bool {
  freeze(a, lane)
  let any: u32 = 0
  for (let i: usize = 0; i < 10; i++) any |= load<u32>(FROZEN + (i << 2))
  return any == 0
}

export function isOdd(a: usize, lane: usize): bool {
  freeze(a, lane)
  return (load<u32>(FROZEN) & 1) == 1
}

const T0 = memory.data(160, 16)
const T1 = memory.data(160, 16)
const T2 = memory.data(160, 16)

/** The power (p − 5) / 8 = 2^252 − 3, by the usual chain of 2^5, 2^10, 2^20, 2^40, 2^50, 2^100, 2^200 and 2^250 less one. */
export function power22523(out: usize, a: usize): void {
  square(T0, a, 1)
  square(T1, T0, 2)
  multiply(T1, a, T1)
  multiply(T0, T0, T1)
  square(T0, T0, 1)
  multiply(T0, T1, T0)
  square(T1, T0, 5)
  multiply(T0, T1, T0)
  square(T1, T0, 10)
  multiply(T1, T1, T0)
  square(T2, T1, 20)
  multiply(T1, T2, T1)
  square(T1, T1, 10)
  multiply(T0, T1, T0)
  square(T1, T0, 50)
  multiply(T1, T1, T0)
  square(T2, T1, 100)
  multiply(T1, T2, T1)
  square(T1, T1, 50)
  multiply(T0, T1, T0)
  square(T0, T0, 2)
  multiply(out, T0, a)
}
