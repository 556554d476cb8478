/** The first `count` members of an iterable, those left out that are to be. */
export function* firstOf<T>(values: Iterable<T>, count: number, leaveOut?: (value: T) => boolean): Generator<T> {
  let left = count
  if (left <= 0) return
  for (const value of values) {
    if (leaveOut?.(value)) continue
    yield value
    if (--left === 0) return
  }
}
