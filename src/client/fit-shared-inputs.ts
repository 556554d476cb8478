import { toBase64url } from '../base/index'
import { blockVector, type EmbeddingBlock, type TranslatorPart, type TranslatorQuality } from '../block/index'
import { fitTranslator, translatorParts } from '../models/index'
import type { BlockStore } from '../store/index'

export interface FitOptions {
  /** Model ids: vectors of `from` will be carried into the space of `to`. */
  readonly from: string
  readonly to: string
  readonly signal?: AbortSignal
  /** Told the share of the fit done, 0 … 1. */
  readonly onProgress?: (share: number) => void
}

export interface FittedTranslator {
  /** Ids of the published parts, in order. */
  readonly ids: readonly string[]
  readonly quality: TranslatorQuality
}

/** The most shared texts that a fit reads. */
export const MAX_ANCHORS = 5_000

/** Fits on the inputs that the store holds in both models, and hands the parts on to be published. */
export async function fitSharedInputs(
  store: BlockStore,
  { from, to, signal, onProgress }: FitOptions,
  publish: (part: TranslatorPart) => Promise<string>,
): Promise<FittedTranslator> {
  const pairs = await sharedInputs(store, from, to, signal)
  const options = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  const translator = await fitTranslator({ from, to, pairs }, options)
  const ids: string[] = []
  for (const part of translatorParts(translator)) ids.push(await publish(part))
  return { ids, quality: translator.quality }
}

async function sharedInputs(store: BlockStore, from: string, to: string, signal: AbortSignal | undefined) {
  const vectors = new Map<string, Float32Array>()
  for await (const block of embeddings(store, from, signal)) vectors.set(inputKey(block), blockVector(block))
  const pairs = { from: [] as Float32Array[], to: [] as Float32Array[] }
  for await (const block of embeddings(store, to, signal)) {
    const counterpart = vectors.get(inputKey(block))
    if (!counterpart || !vectors.delete(inputKey(block))) continue
    pairs.from.push(counterpart)
    pairs.to.push(blockVector(block))
    if (pairs.to.length === MAX_ANCHORS) break
  }
  return pairs
}

async function* embeddings(store: BlockStore, model: string, signal?: AbortSignal): AsyncIterable<EmbeddingBlock> {
  for await (const { block } of store.query({ kind: 'embedding', model, ...(signal && { signal }) })) {
    if (!block.opaque && block.kind === 'embedding') yield block
  }
}

function inputKey({ input }: EmbeddingBlock): string {
  return `${input.type} ${toBase64url(input.hash)}`
}
