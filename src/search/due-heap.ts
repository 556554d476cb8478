/** Rows with a time, the earliest first: a binary heap. */
export class DueHeap {
  readonly #entries: { time: number; row: number; id: string }[] = []

  add(time: number, row: number, id: string): void {
    const heap = this.#entries
    const entry = { time, row, id }
    let child = heap.length
    heap.push(entry)
    while (child > 0) {
      const parent = (child - 1) >>> 1
      if (heap[parent]!.time <= time) break
      heap[child] = heap[parent]!
      child = parent
    }
    heap[child] = entry
  }

  /** Takes out one entry whose time has come. */
  take(now: number): { readonly row: number; readonly id: string } | undefined {
    const heap = this.#entries
    const [first] = heap
    if (first === undefined || first.time > now) return undefined
    const last = heap.pop()!
    if (heap.length > 0) this.#sink(last)
    return first
  }

  #sink(entry: { time: number; row: number; id: string }): void {
    const heap = this.#entries
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child + 1 < heap.length && heap[child + 1]!.time < heap[child]!.time) child++
      if (child >= heap.length || heap[child]!.time >= entry.time) break
      heap[parent] = heap[child]!
      parent = child
    }
    heap[parent] = entry
  }
}
