import { CosmicError } from '../base/index'
import type { Predicate } from './entry'

/**
 * Conditions that do not hold for a block at which they throw: one block must not keep others out. The first error of each is
 * told.
 */
export function guardedPredicates(
  predicates: Readonly<Record<string, Predicate>>,
  onError?: (error: CosmicError) => void,
): Readonly<Record<string, Predicate>> {
  return Object.fromEntries(
    Object.entries(predicates).map(([name, predicate]) => [name, guarded(name, predicate, onError)]),
  )
}

function guarded(name: string, predicate: Predicate, onError?: (error: CosmicError) => void): Predicate {
  let told = false
  return block => {
    try {
      return predicate(block)
    } catch (cause) {
      if (!told) onError?.(failure(name, block.id, cause))
      told = true
      return false
    }
  }
}

function failure(name: string, id: string, cause: unknown): CosmicError {
  const hint = `it threw at ${id}, which it does not hold for; further errors of it are not told`
  return new CosmicError({ code: 'bad-value', field: `search.predicates.${name}`, hint }, { cause })
}
