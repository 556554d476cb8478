import { CosmicError, refuse } from '../base/index'
import { decodeHalf, encodeHalf, LARGEST_HALF } from './half'
import { LIMITS } from './limits'
import type { ElementType } from './types'

/** Bytes of one element. */
export const ELEMENT_SIZE: Readonly<Record<ElementType, number>> = { f32: 4, f16: 2, i8: 1 }

/** A vector as stored. */
export interface Elements {
  readonly data: Uint8Array
  /** `i8` only. */
  readonly scale?: number
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
const LARGEST_SINGLE = 3.4028234663852886e38
const LARGEST: Readonly<Record<ElementType, number>> = {
  f32: LARGEST_SINGLE,
  f16: LARGEST_HALF,
  i8: 127 * LIMITS.scale,
}
const SMALLEST_SINGLE = 2 ** -149

/**
 * Stores numbers little-endian as `type`: `f32` and `f16` rounded to nearest, ties to even (IEEE 754); `i8` as
 * `round(x / scale)` with the one scale that maps the largest magnitude to 127. Throws `non-finite` or `out-of-range`.
 */
export function encodeElements(vector: ArrayLike<number>, type: ElementType): Elements {
  if (!Object.hasOwn(LARGEST, type)) refuse('bad-value', 'element', `one of ${Object.keys(LARGEST).join(', ')}`)
  const largest = largestMagnitude(vector, LARGEST[type])
  const view = new DataView(new ArrayBuffer(vector.length * ELEMENT_SIZE[type]))
  const data = new Uint8Array(view.buffer)
  if (type === 'i8') {
    const scale = Math.fround(largest / 127) || (largest === 0 ? 1 : SMALLEST_SINGLE)
    for (let i = 0; i < vector.length; i++) view.setInt8(i, quantize(vector[i]! / scale))
    return { data, scale }
  }
  for (let i = 0; i < vector.length; i++) {
    if (type === 'f32') view.setFloat32(4 * i, vector[i]!, true)
    else view.setUint16(2 * i, encodeHalf(vector[i]!), true)
  }
  return { data }
}

/** The numbers that `data` stores; with `i8` each is multiplied by `scale` (1 when absent). */
export function decodeElements(data: Uint8Array, type: ElementType, scale = 1): Float32Array {
  // The bytes are those that the machine computes with: to copy them is ten times as fast as to read numbers.
  if (type === 'f32' && LITTLE_ENDIAN)
    return new Float32Array(Uint8Array.prototype.slice.call(data, 0, data.length - (data.length % 4)).buffer)
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const out = new Float32Array(Math.floor(data.length / ELEMENT_SIZE[type]))
  for (let i = 0; i < out.length; i++) {
    if (type === 'f32') out[i] = view.getFloat32(4 * i, true)
    else if (type === 'f16') out[i] = decodeHalf(view.getUint16(2 * i, true))
    else out[i] = view.getInt8(i) * scale
  }
  return out
}

/** Whether every stored number is finite: no exponent of all ones (IEEE 754 section 3.4). */
export function allFinite(data: Uint8Array, type: ElementType): boolean {
  if (type === 'i8') return true
  const size = ELEMENT_SIZE[type]
  // The exponent stands in the two most significant bytes of either type.
  const [high, low] = type === 'f32' ? [0x7f, 0x80] : [0x7c, 0]
  for (let at = size - 1; at < data.length; at += size) {
    if ((data[at]! & high) === high && (data[at - 1]! & low) === low) return false
  }
  return true
}

/** Clamped because rounding the scale down may lift the largest quotient above 127. */
function quantize(quotient: number): number {
  return Math.max(-127, Math.min(127, Math.round(quotient)))
}

function largestMagnitude(vector: ArrayLike<number>, limit: number): number {
  let largest = 0
  for (let i = 0; i < vector.length; i++) {
    const magnitude = Math.abs(vector[i]!)
    if (!Number.isFinite(magnitude)) throw new CosmicError({ code: 'non-finite', field: `embedding[${i}]` })
    if (magnitude > limit) throw new CosmicError({ code: 'out-of-range', field: `embedding[${i}]`, limit })
    if (magnitude > largest) largest = magnitude
  }
  return largest
}
