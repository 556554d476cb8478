/** The first of 0 … count that passes a test which all after it pass too; `count` passes without being tested. */
export function partitionPoint(count: number, passes: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(middle)) high = middle
    else low = middle + 1
  }
  return low
}
