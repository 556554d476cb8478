/**
 * Lets one write in at a time, in the order of the calls, and reads between writes.
 *
 * Invariants: (1) a read begins at once, or when the write under way at its call has ended, before any other begins;
 * (2) so what a read begins with, in one go, belongs to one state.
 */
export class Turnstile {
  readonly #writes: (() => Promise<void>)[] = []
  readonly #reads: (() => void)[] = []
  #idle: (() => void)[] = []
  #writing = false

  write<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#writes.push(() => work().then(resolve, reject))
      if (!this.#writing) void this.#drain()
    })
  }

  read<T>(begin: () => Promise<T>): Promise<T> {
    if (!this.#writing) return begin()
    return new Promise((resolve, reject) => {
      this.#reads.push(() => void begin().then(resolve, reject))
    })
  }

  /** When the writes that wait have ended. */
  idle(): Promise<void> {
    return this.#writing ? new Promise(resolve => this.#idle.push(resolve)) : Promise.resolve()
  }

  async #drain(): Promise<void> {
    this.#writing = true
    for (let work = this.#writes.shift(); work !== undefined; work = this.#writes.shift()) {
      await work()
      for (const begin of this.#reads.splice(0)) begin()
    }
    this.#writing = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
