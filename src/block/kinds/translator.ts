import { byteString, bytes, integer, oneOf, refuse, scaled, withCheck } from '../fields/codec'
import { withCommon } from '../fields/common'
import { checkNamedDims, modelId } from '../fields/names'
import { optional, record, required } from '../fields/record'
import { checkScales, singles } from '../fields/singles'
import { LIMITS } from '../limits'
import type { TranslatorPart, TranslatorQuality } from '../types'

const count = integer(0, 2 ** 32 - 1)
const share = scaled(1000, 0, 1)
const cosine = scaled(1000, -1, 1)

const quality = record<TranslatorQuality>({
  anchors: required('anchors', count),
  heldOut: required('heldOut', count),
  gallery: required('gallery', count),
  top1: required('top1', share),
  top10: required('top10', share),
  cosine: required('cosine', cosine),
  baseline: required('baseline', cosine),
})

const means = record<NonNullable<TranslatorPart['means']>>({
  from: required('from', singles),
  to: required('to', singles),
})

const translator = withCheck(
  record<TranslatorPart>({
    from: required('from', modelId),
    to: required('to', modelId),
    method: required('method', oneOf('procrustes')),
    set: required('set', bytes(32)),
    index: required('index', integer(0, LIMITS.parts - 1)),
    count: required('count', integer(1, LIMITS.parts)),
    row: required('row', integer(0, LIMITS.dims - 1)),
    rows: required('rows', integer(1, LIMITS.dims)),
    dims: required('dims', integer(1, LIMITS.dims)),
    data: required('data', byteString),
    scales: required('scales', byteString),
    means: optional('means', means),
    quality: required('quality', quality),
  }),
  checkPart,
)

/** Kind `translator`: a row range of a matrix between two models. */
export const translatorKind = withCommon<{ readonly translator: TranslatorPart }>({
  translator: required('translator', translator),
})

function checkPart(part: TranslatorPart, path: string): void {
  checkNamedDims(part.from, part.dims, `${path}.from`)
  if (part.index >= part.count) refuse('out-of-range', `${path}.index`, { limit: part.count - 1 })
  if (part.row + part.rows > LIMITS.dims) refuse('out-of-range', `${path}.rows`, { limit: LIMITS.dims - part.row })
  checkLength(part.data, part.rows * part.dims, `${path}.data`)
  checkLength(part.scales, part.rows * 4, `${path}.scales`)
  checkScales(part.scales, `${path}.scales`)
  if (part.means === undefined) return
  checkMeans(part, part.means, `${path}.means`)
  checkNamedDims(part.to, part.means.to.length / 4, `${path}.to`)
}

function checkMeans(part: TranslatorPart, of: NonNullable<TranslatorPart['means']>, path: string): void {
  if (part.index !== 0) refuse('unknown-field', path, { hint: 'in part 0 only' })
  checkLength(of.from, part.dims * 4, `${path}.from`)
  const toDims = of.to.length / 4
  const isWhole = toDims >= part.row + part.rows && toDims <= LIMITS.dims
  if (!isWhole) refuse('wrong-length', `${path}.to`, { limit: LIMITS.dims * 4 })
}

function checkLength(data: Uint8Array, length: number, path: string): void {
  if (data.length !== length) refuse('wrong-length', path, { limit: length })
}
