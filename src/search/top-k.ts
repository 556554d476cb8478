import type { Candidate } from './vector-index'

/** Keeps the best `k` candidates seen, in a binary heap whose root is the worst of them. */
export class TopK<T extends Candidate = Candidate> {
  readonly #heap: T[] = []
  readonly #k: number
  readonly #before: (a: T, b: T) => boolean

  /** `before(a, b)`: a is the better one; a strict total order makes the answer unique. */
  constructor(k: number, before: (a: T, b: T) => boolean) {
    this.#k = k
    this.#before = before
  }

  /** What a score must not fall below to matter still. */
  get floor(): number {
    return this.#heap.length < this.#k ? -Infinity : this.#heap[0]!.score
  }

  offer(candidate: T): void {
    const heap = this.#heap
    if (heap.length < this.#k) {
      heap.push(candidate)
      this.#rise(heap.length - 1)
    } else if (this.#before(candidate, heap[0]!)) {
      heap[0] = candidate
      this.#sink()
    }
  }

  /** Best first. */
  sorted(): T[] {
    return [...this.#heap].sort((a, b) => (this.#before(a, b) ? -1 : 1))
  }

  #rise(from: number): void {
    let child = from
    while (child > 0) {
      const parent = (child - 1) >>> 1
      if (!this.#before(this.#heap[parent]!, this.#heap[child]!)) return
      this.#swap(parent, child)
      child = parent
    }
  }

  #sink(): void {
    let parent = 0
    for (;;) {
      let worst = parent
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.#heap.length && this.#before(this.#heap[worst]!, this.#heap[child]!)) worst = child
      }
      if (worst === parent) return
      this.#swap(parent, worst)
      parent = worst
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    ;[heap[a], heap[b]] = [heap[b]!, heap[a]!]
  }
}
