/** Multiplies `n` floats at `p` by those at `factors`; `n` is a multiple of 4. */
function multiply(p: usize, factors: usize, n: i32): void {
  for (let at: usize = 0, end = (<usize>n) << 2; at < end; at += 16) {
    v128.store(p + at, f32x4.mul(v128.load(p + at), v128.load(factors + at)))
  }
}

/** The transform of the four numbers of a vector. */
function four(v: v128): v128 {
  const pairs = f32x4.add(
    v128.shuffle<f32>(v, v, 0, 0, 2, 2),
    v128.xor(v128.shuffle<f32>(v, v, 1, 1, 3, 3), f32x4(0, -0.0, 0, -0.0)),
  )
  return f32x4.add(
    v128.shuffle<f32>(pairs, pairs, 0, 1, 0, 1),
    v128.xor(v128.shuffle<f32>(pairs, pairs, 2, 3, 2, 3), f32x4(0, 0, -0.0, -0.0)),
  )
}

/** Four vectors at `a` and every `stride` bytes further: two steps of the transform at once. */
function cross(a: usize, stride: usize, x: v128, y: v128, z: v128, w: v128): void {
  const b = a + stride
  const c = b + stride
  const xy = f32x4.add(x, y)
  const zw = f32x4.add(z, w)
  const dxy = f32x4.sub(x, y)
  const dzw = f32x4.sub(z, w)
  v128.store(a, f32x4.add(xy, zw))
  v128.store(b, f32x4.add(dxy, dzw))
  v128.store(c, f32x4.sub(xy, zw))
  v128.store(c + stride, f32x4.sub(dxy, dzw))
}

/**
 * Multiplies `n` floats at `p` by those at `factors`, then the Walsh–Hadamard transform in place, without its factor; `n` is a power of
 * two from 16 on. Each number is fetched once for the factors and four steps, then once for every two.
 */
function hadamard(p: usize, factors: usize, n: i32): void {
  const end = p + ((<usize>n) << 2)
  for (let at = p; at < end; at += 64, factors += 64) {
    cross(
      at,
      16,
      four(f32x4.mul(v128.load(at), v128.load(factors))),
      four(f32x4.mul(v128.load(at, 16), v128.load(factors, 16))),
      four(f32x4.mul(v128.load(at, 32), v128.load(factors, 32))),
      four(f32x4.mul(v128.load(at, 48), v128.load(factors, 48))),
    )
  }
  const size = (<usize>n) << 2
  let stride: usize = 64
  for (; stride << 1 < size; stride <<= 2) {
    for (let group = p; group < end; group += stride << 2) {
      for (let a = group, stop = group + stride; a < stop; a += 16) {
        const b = a + stride
        const c = b + stride
        cross(a, stride, v128.load(a), v128.load(b), v128.load(c), v128.load(c + stride))
      }
    }
  }
  if (stride >= size) return
  for (let a = p, stop = p + stride; a < stop; a += 16) {
    const x = v128.load(a)
    const y = v128.load(a + stride)
    v128.store(a, f32x4.add(x, y))
    v128.store(a + stride, f32x4.sub(x, y))
  }
}

/** Turns every pair (i, i + half) by 45 degrees, so that the two ends of a length that is no power of two mix. */
function mixHalves(p: usize, half: i32): void {
  const root = f32x4.splat(<f32>Math.SQRT1_2)
  const size = (<usize>half) << 2
  for (let a = p, stop = p + size; a < stop; a += 16) {
    const x = f32x4.mul(v128.load(a), root)
    const y = f32x4.mul(v128.load(a + size), root)
    v128.store(a, f32x4.add(x, y))
    v128.store(a + size, f32x4.sub(x, y))
  }
}

/**
 * Rotates `n` floats at `p` in place: rounds of random signs (with the transform's factor in them, at `signs`) and Hadamard
 * transforms. Where `n` is no power of two, of its first and its last `power` elements in turn.
 */
export function rotate(p: usize, n: i32, power: i32, signs: usize, rounds: i32): void {
  const step = (<usize>n) << 2
  for (let round = 0; round < rounds; round++, signs += step) {
    hadamard(p, signs, power)
    if (power == n) continue
    const beyond = (<usize>(n - power)) << 2
    multiply(p + ((<usize>power) << 2), signs + ((<usize>power) << 2), n - power)
    signs += step
    multiply(p, signs, n - power)
    hadamard(p + beyond, signs + beyond, power)
    mixHalves(p, n >> 1)
  }
}
