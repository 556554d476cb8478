/** Timers that run when told, and say for how long they were set. */
export class HandTimers {
  readonly waits: number[] = []
  #next: (() => void) | undefined
  set(callback: () => void, milliseconds: number): () => void {
    this.waits.push(milliseconds)
    this.#next = callback
    return () => (this.#next = undefined)
  }
  /** Lets one round happen; false when none is due. */
  async round(): Promise<boolean> {
    const next = this.#next
    this.#next = undefined
    next?.()
    for (let i = 0; next && !this.#next && i < 50; i++) await new Promise(resolve => setTimeout(resolve, 2))
    return next !== undefined
  }
  async all(): Promise<number> {
    let rounds = 0
    while (await this.round()) rounds++
    return rounds
  }
}
