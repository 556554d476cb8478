import type { Verdict } from '../validate/index'
import type { Intake } from './intake'

/** The `source` of imported blocks. */
export const IMPORT_SOURCE = 'import'

/** What goes through the funnel at once ends with the block that reaches either bound. A put takes 64 MiB at most. */
export const BATCH = 256
export const BATCH_BYTES = 8 << 20

/** Envelopes of one batch. */
export class Batch {
  readonly envelopes: Uint8Array[] = []
  #bytes = 0

  /** Answers whether it is full now. */
  add(envelope: Uint8Array): boolean {
    this.envelopes.push(envelope)
    this.#bytes += envelope.length
    return this.envelopes.length >= BATCH || this.#bytes >= BATCH_BYTES
  }
}

/**
 * Batches on their way through the funnel, one being verified while the one before is stored. They are stored and told of in
 * order; after one that failed none is stored.
 */
export class Feed {
  readonly #intake: Intake
  readonly #signal: AbortSignal | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(intake: Intake, signal?: AbortSignal) {
    this.#intake = intake
    this.#signal = signal
  }

  /** Resolves when there is room for one more; rejects as the batch before did. `done` is called once this one is durable. */
  async add({ envelopes }: Batch, done: (verdicts: readonly Verdict[]) => void): Promise<void> {
    const before = this.#last
    const stored = this.#intake.take(envelopes, IMPORT_SOURCE, {
      after: before,
      ...(this.#signal && { signal: this.#signal }),
    })
    this.#last = stored.then(done)
    // Told to whoever adds or waits next.
    this.#last.catch(() => undefined)
    await before
  }

  /** Resolves when all are stored; rejects as the first that was not. */
  end(): Promise<void> {
    return this.#last
  }

  /** Resolves when nothing is under way any more, whatever came of it. */
  async settled(): Promise<void> {
    await this.#last.catch(() => undefined)
  }
}
