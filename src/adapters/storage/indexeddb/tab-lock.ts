import { CosmicError, throwIfAborted } from '../../../base/index'
import { storageError } from './storage-error'

export interface TabLockOptions {
  /** Milliseconds to wait for whoever has it; `Infinity`: until it is free. */
  readonly wait: number
  readonly signal?: AbortSignal | undefined
}

const TAKEN = 'it is open already, here or in another tab or worker: share that one, close it, or choose another name'

/** Whether there are Web Locks here, and hence at most one storage in a database. */
export const hasTabLocks = (): boolean => locksOf() !== undefined

const locksOf = () => (globalThis.navigator as Navigator | undefined)?.locks as LockManager | undefined

/**
 * Takes the Web Lock `name` of this origin, which nobody else has at the same time; the answer gives it back. The browser
 * gives back that of a tab that was closed or crashed. Where there are no Web Locks (outside of secure contexts) it takes
 * nothing.
 *
 * Rejects with `storage` when another keeps it, `aborted`.
 */
export async function takeTabLock(name: string, { wait, signal }: TabLockOptions): Promise<() => void> {
  throwIfAborted(signal)
  const locks = locksOf()
  if (locks === undefined) return () => {}
  try {
    return (await ask(locks, name, { ifAvailable: true })) ?? (await ask(locks, name, { signal: until(wait, signal) }))!
  } catch (cause) {
    throwIfAborted(signal)
    const { name: reason } = cause as DOMException
    if (reason === 'TimeoutError') throw new CosmicError({ code: 'storage', field: 'name', hint: TAKEN }, { cause })
    throw storageError(cause, 'the browser withholds storage from this page')
  }
}

/** Answers what ends the holding, or `undefined` when the lock was asked for only if available, and is not. */
function ask(locks: LockManager, name: string, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const hold = (lock: Lock | null) =>
      lock === null ? resolve(undefined) : new Promise<void>(release => resolve(release))
    locks.request(name, options, hold).catch(reject)
  })
}

function until(wait: number, signal: AbortSignal | undefined): AbortSignal {
  const limits = wait === Infinity ? [] : [AbortSignal.timeout(wait)]
  return AbortSignal.any(signal === undefined ? limits : [...limits, signal])
}
