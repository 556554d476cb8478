/** A typed event emitter: `Events` maps each event's name to its payload. A listener's throw never reaches the emitter or other listeners. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>()

  /** Adds a listener; the returned function removes it. */
  on<K extends keyof Events>(event: K, listener: (payload: Events[K]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, set)
    set.add(listener)
    return () => void set.delete(listener)
  }

  emit<K extends keyof Events>(event: K, payload: Events[K]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        ;(listener as (payload: Events[K]) => void)(payload)
      } catch (error) {
        reportListenerError(error)
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}

/** Reported as an unhandled rejection: visible to the program, without breaking the emitter. */
function reportListenerError(error: unknown): void {
  void Promise.reject(error instanceof Error ? error : new Error(String(error)))
}
