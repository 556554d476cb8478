import { CosmicError, type Failure } from '../base/index'

/** Resolves when what `start` begins is done; rejects with `aborted`, and cancels it, as soon as the signal fires. */
export function untilAborted(start: (done: () => void) => () => void, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const failure: Failure = { code: 'aborted' }
    if (signal?.aborted) return reject(new CosmicError(failure))
    const onAbort = () => {
      cancel()
      reject(new CosmicError(failure))
    }
    const cancel = start(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
