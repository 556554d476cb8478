/** The first `count` members of an iterable. */
export function* firstOf<T>(values: Iterable<T>, count: number): Generator<T> {
  let left = count
  if (left <= 0) return
  for (const value of values) {
    yield value
    if (--left === 0) return
  }
}
