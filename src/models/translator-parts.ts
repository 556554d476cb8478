import { sha256 } from '@noble/hashes/sha2.js'
import { attempt, concat, CosmicError, equal, type Failure, isObject, type Result, such } from '../base/index'
import { decodeElements, encodeElements, LIMITS, type TranslatorPart } from '../block/index'
import { checkTranslator, type Translator } from './translator'

/** Bytes of numbers in one part: half an envelope, so that every other field finds room too. */
const PART_BYTES = LIMITS.envelope / 2

/**
 * Cuts a translator into parts that each fit one block; `assembleTranslator` joins them to an equal translator.
 *
 * @example
 * ```ts
 * for (const translator of translatorParts(fitted)) await client.publish(await createBlock({ translator }, signer))
 * ```
 */
export function translatorParts(translator: Translator): TranslatorPart[] {
  const { from, to, method, rows, columns, quality } = checkTranslator(translator)
  const means = { from: floats(translator.means.from), to: floats(translator.means.to) }
  const data = new Uint8Array(translator.data)
  const scales = floats(translator.scales)
  const set = setHash(data, scales, means)
  const ranges = rowRanges(rows, columns + 4, means.from.length + means.to.length)
  return ranges.map(({ row, rows: height }, index) => ({
    ...{ from, to, method, set, index, count: ranges.length, row, rows: height, dims: columns, quality },
    data: data.slice(row * columns, (row + height) * columns),
    scales: scales.slice(row * 4, (row + height) * 4),
    ...(index === 0 && { means }),
  }))
}

interface RowRange {
  readonly row: number
  readonly rows: number
}

/** Ranges of whole rows within `PART_BYTES`, of which the first also holds the means. */
function rowRanges(rows: number, rowBytes: number, meanBytes: number): RowRange[] {
  const ranges: RowRange[] = []
  for (let row = 0; row < rows; row += ranges.at(-1)!.rows) {
    const room = PART_BYTES - (row === 0 ? meanBytes : 0)
    ranges.push({ row, rows: Math.min(rows - row, Math.floor(room / rowBytes)) })
  }
  return ranges
}

/**
 * Joins the parts of one set, in any order, repeated ones counted once. The caller hands over the parts of *one author*:
 * a signature says who wrote a part, not that two parts belong together. Each part is as `decodeBlock` admits it. Refuses
 * with `incomplete-set` (the `limit` is the size of the set) while one is missing, and `bad-value` or `wrong-length`
 * with the `field` when parts contradict each other or do not add up to the hash that they share.
 */
export function assembleTranslator(parts: readonly TranslatorPart[]): Result<Translator> {
  return attempt(() => {
    const { whole, means } = wholeSet(readParts(parts, 'parts'))
    const data = concat(...whole.map(part => part.data))
    const scales = concat(...whole.map(part => part.scales))
    const { from, to, method, dims: columns, quality, set } = whole[0]!
    const rows = scales.length / 4
    if (means.to.length !== scales.length) refuse({ code: 'wrong-length', field: 'means.to', limit: scales.length })
    if (!equal(setHash(data, scales, means), set)) refuse({ code: 'bad-value', field: 'set' })
    return {
      ...{ from, to, method, rows, columns, quality },
      data: new Int8Array(data.buffer, data.byteOffset, data.length),
      scales: decodeElements(scales, 'f32'),
      means: { from: decodeElements(means.from, 'f32'), to: decodeElements(means.to, 'f32') },
    }
  })
}

const isPart = (value: Partial<TranslatorPart> | null) =>
  [value?.data, value?.scales, value?.set].every(bytes => bytes instanceof Uint8Array) && isObject(value?.quality)
const readParts = /* @__PURE__ */ such<readonly TranslatorPart[]>(
  value => Array.isArray(value) && value.every(isPart),
  'the `translator` of blocks',
)

type Means = NonNullable<TranslatorPart['means']>

/** All parts by index, none missing, of one story and without a gap between their rows. */
function wholeSet(parts: readonly TranslatorPart[]): { whole: TranslatorPart[]; means: Means } {
  const byIndex = new Map(parts.map(part => [part.index, part]))
  const first = byIndex.get(0)
  if (first === undefined) refuse({ code: 'incomplete-set', field: 'index', hint: 'part 0 is missing' })
  if (first.means === undefined) refuse({ code: 'bad-value', field: 'means' })
  const whole: TranslatorPart[] = []
  for (let index = 0, row = 0; index < first.count; index++) {
    const part = byIndex.get(index)
    if (part === undefined) refuse({ code: 'incomplete-set', field: 'index', limit: first.count })
    const field = contradiction(part, first)
    if (field !== undefined) refuse({ code: 'bad-value', field })
    if (part.row !== row) refuse({ code: 'bad-value', field: 'row', limit: row })
    row += part.rows
    whole.push(part)
  }
  return { whole, means: first.means }
}

/** The first field that must be the same in every part and is not. */
function contradiction(part: TranslatorPart, first: TranslatorPart): string | undefined {
  if (!equal(part.set, first.set)) return 'set'
  const own = (['from', 'to', 'method', 'count', 'dims'] as const).find(field => part[field] !== first[field])
  if (own !== undefined) return own
  const figures = Object.keys(first.quality) as (keyof typeof first.quality)[]
  return figures.some(figure => part.quality[figure] !== first.quality[figure]) ? 'quality' : undefined
}

/** SHA-256 of the whole matrix, its row factors and both means, one after the other as published. */
function setHash(data: Uint8Array, scales: Uint8Array, means: Means): Uint8Array {
  return sha256(concat(data, scales, means.from, means.to))
}

function floats(numbers: ArrayLike<number>): Uint8Array {
  return encodeElements(numbers, 'f32').data
}

function refuse(failure: Failure): never {
  throw new CosmicError(failure)
}
