/** Something that is to happen: earlier times first, and of equal times what was queued first. */
export interface QueuedEvent {
  readonly at: number
  readonly order: number
  /** What had happened when it was queued. */
  readonly cause: number
  /** Absent once it was cancelled. */
  callback: (() => void) | undefined
  /** It waits in a queue. */
  isQueued?: boolean
}

/** A binary heap. Cancelled events stay in it until their turn, or until they are the majority. */
export class EventQueue {
  #heap: QueuedEvent[] = []
  #cancelled = 0

  /** Events that will happen. */
  get size(): number {
    return this.#heap.length - this.#cancelled
  }

  push(event: QueuedEvent): void {
    event.isQueued = true
    this.#heap.push(event)
    this.#rise(this.#heap.length - 1)
  }

  /** What has happened already, or was cancelled, stays as it is. */
  cancel(event: QueuedEvent): void {
    if (!event.isQueued) return
    event.isQueued = false
    event.callback = undefined
    this.#cancelled++
    if (this.#cancelled > 64 && this.#cancelled > this.#heap.length / 2) this.#sweep()
  }

  /** The next event that will happen, which stays. */
  peek(): QueuedEvent | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.callback === undefined) {
      this.#take()
      this.#cancelled--
    }
    return this.#heap[0]
  }

  /** The next event that will happen. */
  pop(): QueuedEvent | undefined {
    const event = this.peek() && this.#take()
    if (event) event.isQueued = false
    return event
  }

  #take(): QueuedEvent {
    const [first] = this.#heap
    const last = this.#heap.pop()!
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first!
  }

  #sweep(): void {
    // A sorted list is a heap.
    this.#heap = this.#heap.filter(event => event.callback !== undefined).sort((a, b) => (isBefore(a, b) ? -1 : 1))
    this.#cancelled = 0
  }

  #rise(index: number): void {
    const heap = this.#heap
    for (let i = index; i > 0;) {
      const parent = (i - 1) >>> 1
      if (isBefore(heap[parent]!, heap[i]!)) return
      this.#swap(parent, i)
      i = parent
    }
  }

  #sink(index: number): void {
    const heap = this.#heap
    for (let i = index; ;) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child
      if (least === i) return
      this.#swap(least, i)
      i = least
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    ;[heap[a], heap[b]] = [heap[b]!, heap[a]!]
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
