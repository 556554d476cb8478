/**
 * How many standard deviations a normal value exceeds with probability `1 − share` (Abramowitz and Stegun 1964, 26.2.23; error
 * below 0.00045).
 */
export function deviationsFor(share: number): number {
  if (share < 0.5) return -deviationsFor(1 - share)
  const t = Math.sqrt(-2 * Math.log(Math.max(1 - share, 1e-12)))
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
}
