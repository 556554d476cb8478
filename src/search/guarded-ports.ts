import { CosmicError } from '../base/index'
import { guardedPredicates } from './guarded-predicates'
import type { SearchPorts } from './search-ports'

/** The caller's hooks such that none that fails leaves work half done. */
export function guardedPorts({ predicates, pause, onError, ...ports }: SearchPorts): SearchPorts {
  const tell = onError && guardedListener(onError)
  return {
    ...ports,
    ...(tell && { onError: tell }),
    ...(pause && { pause: guardedPause(pause, tell) }),
    ...(predicates && { predicates: guardedPredicates(predicates, tell) }),
  }
}

/** Whoever is told of errors is the last to be: nobody is left to hear of its own. */
function guardedListener(listen: (error: unknown) => void): (error: unknown) => void {
  return error => {
    try {
      listen(error)
    } catch {
      // As above.
    }
  }
}

/** A pause that fails is none: the work goes on at once. The first error is told. */
function guardedPause(pause: () => Promise<void>, onError?: (error: CosmicError) => void): () => Promise<void> {
  let told = false
  return async () => {
    try {
      await pause()
    } catch (cause) {
      const hint = 'the work went on without it; further errors of it are not told'
      if (!told) onError?.(new CosmicError({ code: 'bad-value', field: 'search.pause', hint }, { cause }))
      told = true
    }
  }
}
