import { CosmicError } from '../../../base/index'

const QUOTA =
  'the space that the browser grants this origin is used up: free some, or ask for navigator.storage.persist()'

/** What the browser refused, as `storage` with a hint, unless it is a `CosmicError` already. */
export function storageError(cause: unknown, hint: string): CosmicError {
  if (cause instanceof CosmicError) return cause
  const { name, message } = (cause ?? {}) as Partial<DOMException>
  const what = [name, message].filter(Boolean).join(': ') || 'IndexedDB failed'
  const mend = name === 'QuotaExceededError' ? QUOTA : hint
  return new CosmicError({ code: 'storage', message: `storage: ${what}; ${mend}`, hint: mend }, { cause })
}
