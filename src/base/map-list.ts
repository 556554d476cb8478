/**
 * `map` for lists of blocks on their way through. Its result has the same elements kind in V8 whether or not the call is
 * compiled; that of `map` becomes another one then, and all that reads such lists is thrown away and compiled anew.
 */
export function mapList<T, U>(list: readonly T[], map: (each: T, index: number) => U): U[] {
  const mapped: U[] = []
  for (let i = 0; i < list.length; i++) mapped.push(map(list[i]!, i))
  return mapped
}
