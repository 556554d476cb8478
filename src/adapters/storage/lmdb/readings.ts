import type { Reading } from './engine'

/** The states that ranges under way read. */
export class Readings {
  readonly #open = new Set<Reading>()
  #waiting: (() => void)[] = []

  get size(): number {
    return this.#open.size
  }

  add(reading: Reading): Reading {
    this.#open.add(reading)
    return reading
  }

  /** Again is fine. */
  end(reading: Reading): void {
    if (!this.#open.delete(reading)) return
    reading.transaction.done()
    if (this.#open.size === 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  endAll(): void {
    for (const reading of this.#open) this.end(reading)
  }

  /** When none is left. */
  idle(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise(resolve => this.#waiting.push(resolve))
  }
}
