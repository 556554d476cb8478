import { CosmicError } from '../base/index'

/** A query vector of a length that no block of the model has. */
export function wrongLength(model: string, lengths: readonly number[]): CosmicError {
  const [first, ...others] = lengths.toSorted((a, b) => a - b)
  const limit = others.length === 0 ? first! : [first, ...others].join(' or ')
  const hint = `vectors of ${model} have ${limit} numbers`
  return new CosmicError({ code: 'wrong-length', field: 'vector', limit, hint })
}
