/**
 * The probability that a χ² variable exceeds `value`: how often honest errors do worse.
 *
 * By the recurrence Q(a + 1, x) = Q(a, x) + xᵃ e⁻ˣ / Γ(a + 1) from Q(1, x) = e⁻ˣ or Q(½, x) = erfc √x (Abramowitz and
 * Stegun, 6.5.21 and 6.5.17), whose terms are all positive.
 *
 * @param freedom degrees of freedom, a positive integer
 */
export function chiSquareTail(value: number, freedom: number): number {
  const x = value / 2
  if (x === 0) return 1
  const first = freedom % 2 === 0 ? 1 : 0.5
  let tail = first === 1 ? Math.exp(-x) : erfc(Math.sqrt(x))
  let term = Math.exp(-x) / (first === 1 ? 1 : Math.sqrt(Math.PI * x))
  for (let a = first; a < freedom / 2; a++) {
    term *= x / a
    tail += term
  }
  return Math.min(tail, 1)
}

/** The bound below which a χ² variable of two degrees of freedom stays with this probability: the square of an ellipse's scale. */
export function chiSquareOfTwo(probability: number): number {
  return -2 * Math.log1p(-probability)
}

/** Complementary error function for x ≥ 0: the power series near 0, else Lentz's continued fraction (A. and S., 7.1.6 and 7.1.14). */
function erfc(x: number): number {
  if (x > 2) return continuedFraction(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

function continuedFraction(x: number): number {
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction))
}
