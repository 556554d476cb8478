/** The first half of a product, until the second is there. */
const HALF = memory.data(160, 16)

const MASK_26 = i64x2.splat((1 << 26) - 1)
const MASK_25 = i64x2.splat((1 << 25) - 1)

// @ts-ignore: decorator
@inline
function plus(a: v128, b: v128): v128 {
  return i64x2.add(a, b)
}

/**
 * Carries the ten columns of two elements into limbs, and with `high` joins them with the two before and stores all four.
 * Two chains of carries side by side; the last column's carry comes in below, times nineteen.
 */
// @ts-ignore: decorator
@inline
export function finish(
  out: usize,
  high: bool,
  z0: v128,
  z1: v128,
  z2: v128,
  z3: v128,
  z4: v128,
  z5: v128,
  z6: v128,
  z7: v128,
  z8: v128,
  z9: v128,
): void {
  z1 = plus(z1, i64x2.shr_u(z0, 26))
  z5 = plus(z5, i64x2.shr_u(z4, 26))
  z0 = v128.and(z0, MASK_26)
  z4 = v128.and(z4, MASK_26)
  z2 = plus(z2, i64x2.shr_u(z1, 25))
  z6 = plus(z6, i64x2.shr_u(z5, 25))
  z1 = v128.and(z1, MASK_25)
  z5 = v128.and(z5, MASK_25)
  z3 = plus(z3, i64x2.shr_u(z2, 26))
  z7 = plus(z7, i64x2.shr_u(z6, 26))
  z2 = v128.and(z2, MASK_26)
  z6 = v128.and(z6, MASK_26)
  z4 = plus(z4, i64x2.shr_u(z3, 25))
  z8 = plus(z8, i64x2.shr_u(z7, 25))
  z3 = v128.and(z3, MASK_25)
  z7 = v128.and(z7, MASK_25)
  z5 = plus(z5, i64x2.shr_u(z4, 26))
  z9 = plus(z9, i64x2.shr_u(z8, 26))
  z4 = v128.and(z4, MASK_26)
  z8 = v128.and(z8, MASK_26)
  const top = i64x2.shr_u(z9, 25)
  z9 = v128.and(z9, MASK_25)
  z0 = plus(z0, plus(plus(i64x2.shl(top, 4), i64x2.shl(top, 1)), top))
  z1 = plus(z1, i64x2.shr_u(z0, 26))
  z0 = v128.and(z0, MASK_26)
  keep(out, high, 0, z0)
  keep(out, high, 16, z1)
  keep(out, high, 32, z2)
  keep(out, high, 48, z3)
  keep(out, high, 64, z4)
  keep(out, high, 80, z5)
  keep(out, high, 96, z6)
  keep(out, high, 112, z7)
  keep(out, high, 128, z8)
  keep(out, high, 144, z9)
}

// @ts-ignore: decorator
@inline
function keep(out: usize, high: bool, at: usize, limbs: v128): void {
  if (high) v128.store(out + at, v128.shuffle<u32>(v128.load(HALF + at), limbs, 0, 2, 4, 6))
  else v128.store(HALF + at, limbs)
}
