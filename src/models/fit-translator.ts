import { abortSignal, CosmicError, func, record, such, text, throwIfAborted, unwrap } from '../base/index'
import { encodeElements, LIMITS, parseModelId } from '../block/index'
import { procrustes } from './procrustes'
import { normalized, subtract, type Translator, type TranslatorMatrix } from './translator'
import { measureQuality } from './translator-quality'

/** Share of the pairs held out by default, and how many that may be at most. */
const HOLD_OUT = { share: 0.2, most: 500 }
/** The most candidates among which a held-out counterpart is sought. */
const GALLERY = 1000
/** Fewer anchors than this, or than an eighth of the smaller model's dimensions, teach nothing that lasts. */
const LEAST_ANCHORS = 8

/** Vectors of the same texts in two models: `from[i]` and `to[i]` belong to one text, and texts are distinct. */
export interface AnchorPairs {
  readonly from: readonly ArrayLike<number>[]
  readonly to: readonly ArrayLike<number>[]
}

export interface FitInput {
  /** Model ids. */
  readonly from: string
  readonly to: string
  readonly pairs: AnchorPairs
  /** Pairs kept out of the fit to measure it: a share below 1 or a count (default a fifth, at most 500). */
  readonly holdOut?: number
}

export interface FitOptions {
  readonly signal?: AbortSignal
  /** Told the share of the work done, 0 … 1, after each step. */
  readonly onProgress?: (share: number) => void
}

const vectors = /* @__PURE__ */ such<readonly ArrayLike<number>[]>(
  value => Array.isArray(value) && value.every(each => Array.isArray(each) || ArrayBuffer.isView(each)),
  'a list of vectors',
)
const readInput = /* @__PURE__ */ record<FitInput>(
  {
    from: text,
    to: text,
    pairs: /* @__PURE__ */ record<AnchorPairs>({ from: vectors, to: vectors }, 'from', 'to'),
    holdOut: /* @__PURE__ */ such<number>(value => typeof value === 'number', 'a number'),
  },
  ...(['from', 'to', 'pairs'] as const),
)
const readOptions = /* @__PURE__ */ record<FitOptions>({ signal: abortSignal, onProgress: func })

/**
 * Fits the orthogonal map from one model's space to another's on texts that both embedded, and measures it on some that
 * it did not see: every n-th pair, so the same pairs give the same translator. Vectors are normalised and centred on
 * the anchors' means; the matrix is rounded to signed bytes at once, so the quality is that of the published one.
 *
 * Rejects with `bad-model-id`; `wrong-length` (lists or vectors that do not match), `out-of-range` (dimensions or
 * `holdOut`), `non-finite` or `bad-value` with the `field`; `too-few-anchors` with the `limit`; `aborted`. Takes about a
 * second for 384 and 512 dimensions and a thousand pairs, and grows with the cube of the smaller model's dimensions.
 *
 * @example
 * ```ts
 * const pairs = { from: await mine.embed(anchors), to: theirVectors }
 * const translator = await fitTranslator({ from: mine.modelId, to: 'acme:embed-1', pairs })
 * translator.quality.top10 // 0.98
 * ```
 */
export async function fitTranslator(input: FitInput, options: FitOptions = {}): Promise<Translator> {
  const { from, to, pairs, holdOut } = readInput(input, '')
  const { signal, onProgress } = readOptions(options, '')
  throwIfAborted(signal)
  const all = { from: readVectors(pairs.from, from, 'pairs.from'), to: readVectors(pairs.to, to, 'pairs.to') }
  const { anchors, heldOut } = split(all, holdOut)
  const means = { from: meanOf(anchors.from), to: meanOf(anchors.to) }
  onProgress?.(0.1)
  const centred = (side: 'from' | 'to') => anchors[side].map(vector => subtract(vector, means[side]))
  const full = await procrustes(centred('from'), centred('to'), signal)
  onProgress?.(0.7)
  const shape = { rows: means.to.length, columns: means.from.length }
  const matrix: TranslatorMatrix = { from, to, method: 'procrustes', ...shape, ...roundRows(full, shape), means }
  const distractors = anchors.to.slice(0, Math.max(0, GALLERY - heldOut.to.length))
  const quality = { anchors: anchors.to.length, ...measureQuality(matrix, { ...heldOut, distractors }) }
  onProgress?.(1)
  return { ...matrix, quality }
}

/** The vectors of one model, all at unit length, in double precision. */
function readVectors(vectors: readonly ArrayLike<number>[], model: string, field: string): Float64Array[] {
  const { dims = vectors[0]?.length ?? 1 } = unwrap(parseModelId(model))
  if (dims < 1 || dims > LIMITS.dims) throw new CosmicError({ code: 'out-of-range', field, limit: LIMITS.dims })
  return vectors.map((vector, i) => {
    const at = `${field}[${i}]`
    if (vector.length !== dims) throw new CosmicError({ code: 'wrong-length', field: at, limit: dims })
    return normalized(vector, at)
  })
}

type Pairs = Record<'from' | 'to', Float64Array[]>

/** Held-out pairs stand evenly among the others, so that an order by topic falls on both parts alike. */
function split(all: Pairs, holdOut: number | undefined): { anchors: Pairs; heldOut: Pairs } {
  const count = all.from.length
  if (all.to.length !== count) throw new CosmicError({ code: 'wrong-length', field: 'pairs.to', limit: count })
  const held = heldOutCount(count, holdOut)
  const least = Math.max(LEAST_ANCHORS, Math.ceil(Math.min(all.from[0]?.length ?? 0, all.to[0]?.length ?? 0) / 8))
  if (count - held < least) {
    const hint = `${count} pairs leave ${count - held} anchors beside ${held} held out`
    throw new CosmicError({ code: 'too-few-anchors', field: 'pairs', limit: least, hint })
  }
  const isHeld = (i: number) => Math.floor(((i + 1) * held) / count) > Math.floor((i * held) / count)
  const pick = (wanted: boolean): Pairs => ({
    from: all.from.filter((_, i) => isHeld(i) === wanted),
    to: all.to.filter((_, i) => isHeld(i) === wanted),
  })
  return { anchors: pick(false), heldOut: pick(true) }
}

function heldOutCount(count: number, holdOut: number | undefined): number {
  if (holdOut === undefined) return Math.min(HOLD_OUT.most, Math.max(1, Math.round(count * HOLD_OUT.share)))
  const isShare = holdOut > 0 && holdOut < 1
  if (!isShare && !(Number.isInteger(holdOut) && holdOut >= 1)) {
    throw new CosmicError({ code: 'out-of-range', field: 'holdOut', hint: 'a share between 0 and 1, or a count' })
  }
  return isShare ? Math.max(1, Math.round(count * holdOut)) : holdOut
}

function meanOf(vectors: readonly Float64Array[]): Float32Array {
  const sum = new Float64Array(vectors[0]!.length)
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + vector[i]!
  return Float32Array.from(sum, value => value / vectors.length)
}

/** Each row as signed bytes times its own scale. */
function roundRows(full: Float64Array, { rows, columns }: { rows: number; columns: number }) {
  const data = new Int8Array(rows * columns)
  const scales = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    const row = encodeElements(full.subarray(i * columns, (i + 1) * columns), 'i8')
    data.set(new Int8Array(row.data.buffer), i * columns)
    scales[i] = row.scale!
  }
  return { data, scales }
}
