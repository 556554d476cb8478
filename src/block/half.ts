/** The largest finite binary16 number. */
export const LARGEST_HALF = 65_504

/** Bits of the binary16 number nearest to a finite number, ties to even (IEEE 754-2019 section 4.3.1). Beyond the range: infinity. */
export function encodeHalf(value: number): number {
  const magnitude = Math.abs(value)
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  // Below 2^-14 numbers are subnormal: whole multiples of 2^-24, whose count is the bit pattern itself.
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14)
  if (exponent === -14) return sign | nearestEven(magnitude * 2 ** 24)
  // A mantissa rounded up to 2048 carries into the exponent by plain addition.
  const bits = ((exponent + 14) << 10) + nearestEven(magnitude * 2 ** (10 - exponent))
  return sign | Math.min(bits, 0x7c00)
}

/** The number that 16 bits stand for. */
export function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN
  return sign * (1024 + mantissa) * 2 ** (exponent - 25)
}

function nearestEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
