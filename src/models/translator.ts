import { CosmicError, fields, isObject, refuse } from '../base/index'
import type { TranslatorQuality } from '../block/index'

/**
 * What carries vectors of model `from` into the space of model `to`. The matrix has one row per dimension of `to` and one
 * column per dimension of `from`; row `i` is `data[i · columns …]` signed bytes times `scales[i]`, the form in which it
 * is published, so its author searches with exactly what everyone else receives.
 */
export interface TranslatorMatrix {
  readonly from: string
  readonly to: string
  readonly method: 'procrustes'
  readonly rows: number
  readonly columns: number
  readonly data: Int8Array
  readonly scales: Float32Array
  /** Means of the normalised anchors: `columns` and `rows` numbers. */
  readonly means: { readonly from: Float32Array; readonly to: Float32Array }
}

/** A matrix with what it is worth on texts that it was not fitted on. */
export interface Translator extends TranslatorMatrix {
  readonly quality: TranslatorQuality
}

/**
 * The direction, seen from the mean of `to`'s anchors, in which the counterpart of `vector` is expected: the matrix
 * times the normalised, centred vector, normalised. Ranks stored vectors of `to` by cosine; the mean is left out on
 * purpose, because it would favour whatever lies near it. Scores are comparable within one query only. Throws
 * `wrong-length`, `non-finite`, or `bad-value` for a vector without a direction.
 *
 * @example
 * ```ts
 * const query = translate(translator, (await embedder.embed(['boiling water']))[0]!)
 * ```
 */
export function translate(translator: TranslatorMatrix, vector: ArrayLike<number>): Float32Array {
  const { rows, columns, data, scales, means } = checkTranslator(translator)
  if (!isObject(vector)) refuse('bad-type', 'vector', 'a list of numbers')
  if (vector.length !== columns) throw new CosmicError({ code: 'wrong-length', field: 'vector', limit: columns })
  const centred = subtract(normalized(vector, 'vector'), means.from)
  const out = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let sum = 0
    for (let j = 0; j < columns; j++) sum += data[i * columns + j]! * centred[j]!
    out[i] = sum * scales[i]!
  }
  return Float32Array.from(normalized(out, 'vector'))
}

/** Throws `bad-type` for what `fitTranslator` and `assembleTranslator` did not make. */
export function checkTranslator<T extends TranslatorMatrix>(translator: T): T {
  const { data, scales, means } = fields(translator, 'translator')
  const { from, to } = fields(means, 'translator.means')
  if (!(data instanceof Int8Array)) refuse('bad-type', 'translator.data', 'an Int8Array')
  for (const [name, values] of Object.entries({ scales, 'means.from': from, 'means.to': to }))
    if (!(values instanceof Float32Array)) refuse('bad-type', `translator.${name}`, 'a Float32Array')
  return translator
}

/** The vector at unit length, in double precision. Throws `non-finite`, or `bad-value` when its length is 0. */
export function normalized(vector: ArrayLike<number>, field: string): Float64Array {
  const out = Float64Array.from(vector)
  const length = Math.sqrt(dot(out, out))
  if (!Number.isFinite(length)) throw new CosmicError({ code: 'non-finite', field })
  if (length === 0) throw new CosmicError({ code: 'bad-value', field, hint: 'a vector of zeros has no direction' })
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / length
  return out
}

/** `vector` seen from `mean`. */
export function subtract(vector: Float64Array, mean: ArrayLike<number>): Float64Array {
  return vector.map((value, i) => value - mean[i]!)
}

/** Inner product of two vectors of one length. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
