/**
 * Sums of points of edwards25519 for the verification of many signatures at once, in AssemblyScript. Nothing here is secret,
 * hence nothing takes constant time. Memory from `free` on is laid out by the caller (`batch-equation.ts`).
 */
export { setConstants, decodeFour } from './point'
export { addProduct, isSumNeutral } from './sum'

/** Where the caller's part of the memory begins. */
export function free(): usize {
  return (__heap_base + 15) & ~15
}
