type Listener<T> = (payload: T) => unknown

/**
 * A typed event emitter: `Events` maps each event's name to its payload. What a listener throws, or rejects, never reaches
 * the emitter or other listeners: it goes to `onListenerError`, and without one becomes an unhandled rejection.
 */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()
  readonly #onListenerError: (error: unknown, event: keyof Events) => void

  constructor(onListenerError: (error: unknown, event: keyof Events) => void = error => void Promise.reject(error)) {
    this.#onListenerError = onListenerError
  }

  /** Adds a listener; the returned function removes it. */
  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): () => void {
    const set = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, set)
    set.add(listener)
    return () => void set.delete(listener)
  }

  /** True when somebody listens. */
  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0
  }

  emit<K extends keyof Events>(event: K, payload: Events[K]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])])
      this.#call(listener as Listener<Events[K]>, payload, event)
  }

  clear(): void {
    this.#listeners.clear()
  }

  #call<T>(listener: Listener<T>, payload: T, event: keyof Events): void {
    const report = (error: unknown) => this.#onListenerError(error, event)
    try {
      const result = listener(payload)
      if (result instanceof Promise) result.catch(report)
    } catch (error) {
      report(error)
    }
  }
}
