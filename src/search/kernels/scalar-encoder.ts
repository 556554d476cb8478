import { ScalarMemory } from './scalar-memory'
import { BLOCK, ROW } from './shape'

const { fround } = Math
const [SHORTEST, LONGEST] = [1e-30, 1e30]

/** What makes rows and codes, in plain JavaScript: the twin of `assembly/rotate.ts` and `assembly/encode.ts`, and `widen`. */
export class ScalarEncoder {
  readonly memory = new ScalarMemory()

  rotate(at: number, n: number, power: number, signs: number, rounds: number): void {
    for (let round = 0; round < rounds; round++, signs += 4 * n) {
      this.#multiply(at, signs, n)
      this.#hadamard(at >>> 2, power)
      if (power === n) continue
      signs += 4 * n
      this.#multiply(at, signs, n)
      this.#hadamard((at >>> 2) + n - power, power)
      this.#mixHalves(at >>> 2, n >> 1)
    }
  }

  normalize(at: number, n: number): number {
    const values = this.memory.floats(at, n)
    let squares = 0
    for (let i = 0; i < n; i++) squares += values[i]! * values[i]!
    const length = Math.sqrt(squares)
    if (!(length > SHORTEST && length < LONGEST)) return 0
    const inverse = fround(1 / length)
    for (let i = 0; i < n; i++) values[i]! *= inverse
    return length
  }

  quantize(at: number, n: number, row: number): void {
    const values = this.memory.floats(at, n)
    const most = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const scale = fround(most / 127)
    const inverse = fround(most > 0 ? 127 / most : 0)
    let lost = 0
    for (let i = 0; i < n; i++) {
      const nearest = roundToEven(fround(values[i]! * inverse))
      this.memory.i8[row + i] = nearest
      lost += (values[i]! - nearest * scale) ** 2
    }
    this.memory.f32[(row + n + ROW.scale) >>> 2] = scale
    this.memory.f32[(row + n + ROW.error) >>> 2] = Math.sqrt(lost)
  }

  restore(row: number, n: number, at: number): void {
    const scale = this.memory.f32[(row + n + ROW.scale) >>> 2]!
    for (let i = 0; i < n; i++) this.memory.f32[(at >>> 2) + i] = this.memory.i8[row + i]! * scale
  }

  widen(at: number, n: number, to: number): number {
    const values = this.memory.floats(at, n)
    let most = 0
    let total = 0
    for (const value of values) {
      most = Math.max(most, Math.abs(value))
      total += Math.abs(value)
    }
    if (most === 0) return 0
    const factor = fround(Math.min(32_767 / most, 16_000_000 / total))
    for (let i = 0; i < n; i++) this.memory.i16[(to >>> 1) + i] = roundToEven(fround(values[i]! * factor))
    return fround(1 / factor)
  }

  add(at: number, n: number, to: number): void {
    const [values, sums] = [this.memory.floats(at, n), this.memory.floats(to, n)]
    for (let i = 0; i < n; i++) sums[i]! += values[i]!
  }

  addTimes(at: number, times: number, n: number, to: number): void {
    const [values, sums] = [this.memory.floats(at, n), this.memory.floats(to, n)]
    for (let i = 0; i < n; i++) sums[i]! += fround(values[i]! * times)
  }

  subtract(a: number, b: number, n: number, to: number): number {
    const [x, y, out] = [this.memory.floats(a, n), this.memory.floats(b, n), this.memory.floats(to, n)]
    let product = 0
    for (let i = 0; i < n; i++) {
      product += x[i]! * y[i]!
      out[i] = x[i]! - y[i]!
    }
    return fround(product)
  }

  writeCode(
    at: number,
    bits: number,
    block: number,
    lane: number,
    g: number,
    norm: number,
    row: number,
    centroid: number,
    mean: number,
  ): void {
    const [values, centre, common] = [at, centroid, mean].map(from => this.memory.floats(from, bits)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ]
    let lean = 0
    const [shift, mask] = lane >= 16 ? [4, 0x0f] : [0, 0xf0]
    let squares = 0
    let sizes = 0
    for (let i = 0; i < bits; i += 4) {
      let nibble = 0
      for (let j = 0; j < 4; j++) {
        const value = values[i + j]!
        squares += value * value
        sizes += Math.abs(value)
        const beyond = centre[i + j]! - common[i + j]!
        lean += value < 0 ? -beyond : beyond
        if (value >= 0) nibble |= 1 << j
      }
      const to = block + 4 * i + (lane & 15)
      this.memory.u8[to] = (this.memory.u8[to]! & mask) | (nibble << shift)
    }
    const tail = (block + 4 * bits) >>> 2
    const slot = tail + lane
    const factor = sizes > 0 ? squares / sizes : 0
    this.memory.f32[slot + BLOCK.f / 4] = factor
    this.memory.f32[slot + BLOCK.g / 4] = g - factor * lean
    this.memory.f32[slot + BLOCK.norm / 4] = norm
    this.memory.u32[slot + BLOCK.row / 4] = row
    const cosine2 = squares > 0 ? Math.min(1, (sizes * sizes) / (squares * bits)) : 1
    const spread = Math.sqrt(((1 - cosine2) * bits) / (bits - 1))
    this.memory.f32[tail + BLOCK.spread / 4] = Math.max(this.memory.f32[tail + BLOCK.spread / 4]!, spread)
  }

  #multiply(at: number, factors: number, n: number): void {
    for (let i = 0; i < n; i++) this.memory.f32[(at >>> 2) + i]! *= this.memory.f32[(factors >>> 2) + i]!
  }

  #hadamard(first: number, n: number): void {
    const f32 = this.memory.f32
    for (let stride = 1; stride < n; stride *= 2) {
      for (let i = first; i < first + n; i++) {
        if (((i - first) & stride) !== 0) continue
        const [x, y] = [f32[i]!, f32[i + stride]!]
        f32[i] = x + y
        f32[i + stride] = x - y
      }
    }
  }

  #mixHalves(first: number, half: number): void {
    const f32 = this.memory.f32
    for (let i = first; i < first + half; i++) {
      const [x, y] = [fround(f32[i]! * Math.SQRT1_2), fround(f32[i + half]! * Math.SQRT1_2)]
      f32[i] = x + y
      f32[i + half] = x - y
    }
  }
}

/** Halves to the even number, as the SIMD instruction rounds. */
export function roundToEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}
