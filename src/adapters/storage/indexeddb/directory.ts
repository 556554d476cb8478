/**
 * Which page holds which keys: the fences of all pages, in order. A page holds the keys from its own fence up to the next
 * one's. Never changed, only replaced, so that who holds one sees one state.
 *
 * Invariant: the first fence is `FIRST`, which no key comes before; of the page there nothing need be stored.
 */
export class Directory {
  readonly #fences: readonly string[]

  /** Fences that ascend. */
  constructor(fences: readonly string[]) {
    this.#fences = fences[0] === FIRST ? fences : [FIRST, ...fences]
  }

  get size(): number {
    return this.#fences.length
  }

  fence(index: number): string | undefined {
    return this.#fences[index]
  }

  /** The page that holds a key, or would. */
  indexOf(key: string): number {
    let [low, high] = [0, this.#fences.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#fences[middle]! <= key) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** With some fences more and some less. */
  with(added: readonly string[], removed: ReadonlySet<string>): Directory {
    if (added.length === 0 && removed.size === 0) return this
    const kept = removed.size === 0 ? this.#fences : this.#fences.filter(fence => !removed.has(fence))
    if (added.length === 0) return new Directory(kept)
    const fences: string[] = []
    let next = 0
    for (const fence of [...added].sort(byOrder)) {
      while (next < kept.length && kept[next]! < fence) fences.push(kept[next++]!)
      if (kept[next] !== fence) fences.push(fence)
    }
    return new Directory(next < kept.length ? fences.concat(kept.slice(next)) : fences)
  }
}

/** The smallest key. */
export const FIRST = '\0'

const byOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
