import { CosmicError } from './errors'

/** Throws `aborted` once the signal has fired; the signal's reason is the cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CosmicError({ code: 'aborted' }, { cause: signal.reason })
}

/** The work's answer, or `aborted` as soon as the signal fires, for work that cannot itself be stopped: its late answer is dropped. */
export function unlessAborted<T>(work: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return Promise.resolve(work)
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(new CosmicError({ code: 'aborted' }, { cause: signal.reason }))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}
