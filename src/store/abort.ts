import { CosmicError } from '../base/index'

/** Rejects the rest of an operation with `aborted` once its signal has fired; the signal's reason is the cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CosmicError({ code: 'aborted' }, { cause: signal.reason })
}
