import { CosmicError, type Failure } from './errors'

/** The answer of every function that judges foreign bytes. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure }

/** A success. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

/** A refusal. */
export function fail(error: Failure): Result<never> {
  return { ok: false, error }
}

/** The value of a success; throws the refusal as a `CosmicError`. For one's own data. */
export function unwrap<T>(result: Result<T>): T {
  if (result?.ok) return result.value
  throw new CosmicError(result?.error ?? { code: 'bad-type', field: 'result', hint: 'a Result' })
}

/** Runs a step that refuses by throwing `CosmicError` and returns its answer as a value; any other error passes through. */
export function attempt<T>(step: () => T): Result<T> {
  try {
    return ok(step())
  } catch (error) {
    if (error instanceof CosmicError) return fail(error)
    throw error
  }
}
