/**
 * A map of bounded size for what can be made again: of two generations, the older one is dropped when the recent one has
 * filled half the capacity. A hit in the recent one, the common case, changes nothing.
 */
export class BoundedMap<Value> {
  readonly #half: number
  #recent = new Map<string, Value>()
  #older = new Map<string, Value>()

  constructor(capacity: number) {
    this.#half = Math.ceil(capacity / 2)
  }

  /** Values held, some of them perhaps in both generations. */
  get size(): number {
    return this.#recent.size + this.#older.size
  }

  get(name: string): Value | undefined {
    const recent = this.#recent.get(name)
    if (recent !== undefined) return recent
    const older = this.#older.get(name)
    if (older !== undefined) this.set(name, older)
    return older
  }

  clear(): void {
    this.#recent.clear()
    this.#older.clear()
  }

  set(name: string, value: Value): void {
    if (this.#recent.size >= this.#half) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(name, value)
  }
}
