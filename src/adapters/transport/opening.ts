import { CosmicError, type Failure } from '../../base/index'

export interface OpeningLimits {
  readonly milliseconds: number
  readonly signal?: AbortSignal | undefined
  /** Undoes what was begun, when the wait is given up. */
  abandon(failure: Failure): void
}

/** Waits for something to open, no longer than its limits allow. Rejects with `timeout` or `aborted`, or as `work` does. */
export async function opening<T>(work: Promise<T>, { milliseconds, signal, abandon }: OpeningLimits): Promise<T> {
  let release = () => {}
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = (failure: Failure) => {
      abandon(failure)
      reject(new CosmicError(failure))
    }
    const abort = () => giveUp({ code: 'aborted' })
    const timer = setTimeout(() => giveUp({ code: 'timeout', limit: milliseconds }), milliseconds)
    signal?.addEventListener('abort', abort)
    release = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    if (signal?.aborted) abort()
  })
  try {
    return await Promise.race([work, givenUp])
  } finally {
    release()
  }
}
