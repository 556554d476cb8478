/**
 * Who may use the lists of an index: one scan at a time, or one slice of work in the background.
 *
 * 1. Whoever waits goes on only when nobody else has the turn, however many wait.
 */
export class Turns {
  #taken: Promise<unknown> | undefined
  #endSlice: (() => void) | undefined

  /** Has the turn until the work is done. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#taken) await this.#taken
    const result = work()
    const free = () => (this.#taken = undefined)
    this.#taken = result.then(free, free)
    return result
  }

  /** Ends a slice of work in the background, lets others go first, and has the turn until the next call, or until `leave`. */
  async slice(pause: (() => Promise<void>) | undefined): Promise<void> {
    this.leave()
    await pause?.()
    while (this.#taken) await this.#taken
    // Taken before anybody else goes on: between this and what follows the call others may.
    this.#taken = new Promise<void>(resolve => (this.#endSlice = resolve))
  }

  /** Ends the slice that is under way, if one is. */
  leave(): void {
    if (!this.#endSlice) return
    this.#taken = undefined
    this.#endSlice()
    this.#endSlice = undefined
  }
}
