/** A bounded number of places, taken in the order of asking. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#free = limit
  }

  /** Takes a place if one is free. */
  tryTake(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  /** Resolves with a place taken. */
  take(): Promise<void> {
    return this.tryTake() ? Promise.resolve() : new Promise(resolve => this.#waiting.push(resolve))
  }

  /** Gives a place back. */
  free(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
