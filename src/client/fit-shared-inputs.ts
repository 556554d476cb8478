import { abortSignal, func, record, text, toBase64url } from '../base/index'
import { blockVector, type TranslatorPart, type TranslatorQuality } from '../block/index'
import { fitTranslator, translatorParts } from '../models/index'
import type { BlockStore } from '../store/index'
import { names } from './check-options'
import type { IdentityBook } from './identity-book'

export interface FitOptions {
  /** Model ids: vectors of `from` will be carried into the space of `to`. */
  readonly from: string
  readonly to: string
  /** did:keys whose blocks serve as anchors (default: everyone's). Wrong anchors make a wrong translator. */
  readonly authors?: readonly string[]
  readonly signal?: AbortSignal
  /** Told the share of the fit done, 0 … 1. */
  readonly onProgress?: (share: number) => void
}

export interface FittedTranslator {
  /** Ids of the published parts, in order. */
  readonly ids: readonly string[]
  readonly quality: TranslatorQuality
}

/** The most shared texts that a fit uses, and the most inputs of one model that it looks at. */
export const MAX_ANCHORS = 5_000
export const MAX_INPUTS = 50_000

const readFitOptions = record<FitOptions>(
  { from: text, to: text, authors: names, signal: abortSignal, onProgress: func },
  'from',
  'to',
)

/** Where anchors come from, and whose are preferred. */
interface Anchors {
  readonly store: BlockStore
  readonly identities: IdentityBook
  /** did:key of this agent. */
  readonly self: string
}

/** Fits on the inputs that the store holds in both models, and hands the parts on to be published. */
export async function fitSharedInputs(
  anchors: Anchors,
  asked: FitOptions,
  publish: (part: TranslatorPart) => Promise<string>,
): Promise<FittedTranslator> {
  const { from, to, authors, signal, onProgress } = readFitOptions(asked, '')
  const of = (model: string) => vectorsByInput(anchors, model, authors, signal)
  const pairs = commonInputs(await of(from), await of(to))
  const options = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  const translator = await fitTranslator({ from, to, pairs }, options)
  const ids: string[] = []
  for (const part of translatorParts(translator)) ids.push(await publish(part))
  return { ids, quality: translator.quality }
}

/**
 * One vector an input: this agent's own, else the earliest; of the one length that most inputs have, since anyone can
 * claim any model. Vectors without a direction teach nothing.
 */
async function vectorsByInput(
  { store, identities, self }: Anchors,
  model: string,
  authors: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<Map<string, Float32Array>> {
  const byDims = new Map<number, Map<string, Float32Array>>()
  for await (const { block } of store.query({ kind: 'embedding', model, ...(signal && { signal }) })) {
    if (block.opaque || block.kind !== 'embedding' || (authors && !authors.includes(block.author))) continue
    if (identities.hides(block)) continue
    const vectors = byDims.get(block.embedding.dims) ?? new Map<string, Float32Array>()
    byDims.set(block.embedding.dims, vectors)
    const input = `${block.input.type} ${toBase64url(block.input.hash)}`
    if (vectors.has(input) ? block.author !== self : vectors.size >= MAX_INPUTS) continue
    const vector = blockVector(block)
    if (vector.some(number => number !== 0)) vectors.set(input, vector)
  }
  return [...byDims.values()].sort((a, b) => b.size - a.size)[0] ?? new Map<string, Float32Array>()
}

/** In the order of the inputs' hashes: the same blocks give the same translator, whenever they came. */
function commonInputs(from: ReadonlyMap<string, Float32Array>, to: ReadonlyMap<string, Float32Array>) {
  const shared = [...from.keys()]
    .filter(input => to.has(input))
    .sort()
    .slice(0, MAX_ANCHORS)
  return { from: shared.map(input => from.get(input)!), to: shared.map(input => to.get(input)!) }
}
