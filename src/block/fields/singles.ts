import type { Codec } from './codec'
import { byteString, bytes, refuse, withCheck } from './codec'
import { allFinite, decodeElements, encodeElements } from '../elements'
import { LIMITS } from '../limits'

/** Factors of i8 elements: little-endian f32, each finite, above zero and too small to make an element infinite. */
export function checkScales(data: Uint8Array, path: string): void {
  const bad = decodeElements(data, 'f32').find(scale => !(scale > 0 && scale <= LIMITS.scale))
  if (bad === undefined) return
  refuse(Number.isFinite(bad) ? 'out-of-range' : 'non-finite', path, { limit: '0 < scale ≤ 2^120' })
}

/** One scale: a number in the API, a byte string of one little-endian f32 on the wire, which knows no floats. */
export const scale: Codec<number> = {
  read(value, path) {
    const data = withCheck(bytes(4), checkScales).read(value, path)
    return decodeElements(data, 'f32')[0]!
  },
  write: value => encodeElements([value], 'f32').data,
}

/** Little-endian f32 numbers, all finite; another field says how many. */
export const singles: Codec<Uint8Array> = withCheck(byteString, (data, path) => {
  if (data.length % 4 !== 0) refuse('wrong-length', path, { hint: 'a multiple of 4 bytes' })
  if (!allFinite(data, 'f32')) refuse('non-finite', path)
})
