import { CosmicError } from './errors'

/** Throws `aborted` once the signal has fired; the signal's reason is the cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CosmicError({ code: 'aborted' }, { cause: signal.reason })
}

/** What waits for each signal: a runtime warns of many listeners on one, and a caller may hand one to any number of calls. */
const waiting = /* @__PURE__ */ new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back when the signal fires, unless what it answers is called before. However many ask, a signal has one listener. */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  const stops = waiting.get(signal) ?? listen(signal)
  stops.add(stop)
  return () => void stops.delete(stop)
}

/** The listener stays: it is small, and goes with the signal. */
function listen(signal: AbortSignal): Set<() => void> {
  const stops = new Set<() => void>()
  waiting.set(signal, stops)
  signal.addEventListener('abort', () => stops.forEach(stop => stop()), { once: true })
  return stops
}

/** The work's answer, or `aborted` as soon as the signal fires, for work that cannot itself be stopped: its late answer is dropped. */
export function unlessAborted<T>(work: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return Promise.resolve(work)
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(new CosmicError({ code: 'aborted' }, { cause: signal.reason }))
    if (signal.aborted) stop()
    const forget = onAbort(signal, stop)
    Promise.resolve(work).then(resolve, reject).finally(forget)
  })
}
