import type { Clock, Timers } from '../base/index'
import type { Block } from '../block/index'
import type { Ingest, IngestOptions } from '../ingest/index'
import type { Verdict } from '../validate/index'

/** Clocks jump and laptops sleep: what waits is looked at again at least this often, in milliseconds. */
const LOOK_AGAIN_MS = 60_000

/** The funnel of one client, and the timer that lets deferred blocks into it when their time has come. */
export class Intake {
  readonly #funnel: Ingest
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #onError: (error: unknown) => void
  readonly #breathe: (() => Promise<void> | undefined) | undefined
  #cancel: (() => void) | undefined
  #closed = false
  #publishing: Promise<unknown> = Promise.resolve()

  /** `breathe` is awaited after each taking: a program that publishes without end must not keep its peers' messages from coming in. */
  constructor(
    funnel: Ingest,
    ports: { clock: Clock; timers: Timers },
    onError: (error: unknown) => void,
    breathe?: () => Promise<void> | undefined,
  ) {
    this.#funnel = funnel
    this.#clock = ports.clock
    this.#timers = ports.timers
    this.#onError = onError
    this.#breathe = breathe
  }

  /** Verifies and stores; `source` is who the blocks come from. One verdict an input. */
  async take(
    inputs: readonly (Uint8Array | Block)[],
    source: string,
    options?: Omit<IngestOptions, 'source'>,
  ): Promise<Verdict[]> {
    const taking = this.#funnel.ingest(inputs, { source, ...options })
    if (source === 'local') this.#publishing = Promise.allSettled([this.#publishing, taking])
    const verdicts = await taking
    this.schedule()
    await this.#breathe?.()
    return verdicts
  }

  /** Resolves when what was published before this call is stored, or refused. */
  async published(): Promise<void> {
    await this.#publishing
  }

  /** Sets the timer for the next deferred block; none runs while nothing waits. */
  schedule(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const due = this.#funnel.nextDue
    if (this.#closed || due === undefined) return
    const wait = Math.min(Math.max(0, due - this.#clock.now()), LOOK_AGAIN_MS)
    this.#cancel = this.#timers.set(() => void this.#release(), wait, { unref: true })
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  async #release(): Promise<void> {
    try {
      await this.#funnel.releaseDue(this.#clock.now())
    } catch (error) {
      this.#onError(error)
    }
    this.schedule()
  }
}
