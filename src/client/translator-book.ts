import type { StoredBlock, BlockStore } from '../store/index'
import type { TranslatorBlock, TranslatorQuality } from '../block/index'
import { assembleTranslator, type Translator } from '../models/index'

/** A published translator, as search reports it. Its quality is what its author states. */
export interface TranslatorSummary {
  readonly from: string
  readonly to: string
  /** did:key of who published it. */
  readonly author: string
  readonly quality: TranslatorQuality
  /** Ids of its parts, in order. */
  readonly ids: readonly string[]
}

interface PartialSet {
  readonly summary: TranslatorSummary
  readonly parts: (string | undefined)[]
  missing: number
}

/** The most translators that are remembered, whole or in part; the one heard of longest ago goes first. */
export const MAX_TRANSLATORS = 1_024
/** The most matrices that are held in memory. */
const MAX_ASSEMBLED = 8

/** Which translators the store holds whole, followed through its change events. Matrices are assembled when first used. */
export class TranslatorBook {
  readonly #store: BlockStore
  readonly #sets = new Map<string, PartialSet>()
  readonly #assembled = new Map<PartialSet, Translator>()
  #stop: (() => void) | undefined

  constructor(store: BlockStore) {
    this.#store = store
  }

  async open(): Promise<void> {
    this.#stop = this.#store.onChange(({ added }) => added.forEach(stored => this.#note(stored)))
    for await (const stored of this.#store.query({ kind: 'translator' })) this.#note(stored)
  }

  close(): void {
    this.#stop?.()
    this.#sets.clear()
    this.#assembled.clear()
  }

  /** The whole translators from one model, best stated held-out quality first, at most one a target model. */
  from(model: string): TranslatorSummary[] {
    const best = new Map<string, TranslatorSummary>()
    for (const { summary, missing } of this.#sets.values()) {
      if (missing > 0 || summary.from !== model) continue
      const rival = best.get(summary.to)
      if (!rival || summary.quality.top1 > rival.quality.top1) best.set(summary.to, summary)
    }
    return [...best.values()].sort((a, b) => b.quality.top1 - a.quality.top1)
  }

  /** The matrix, or `undefined` when its parts do not fit together. */
  async load(summary: TranslatorSummary): Promise<Translator | undefined> {
    const entry = [...this.#sets.values()].find(set => set.summary === summary)
    if (!entry) return undefined
    const known = this.#assembled.get(entry)
    if (known) return known
    const stored = await this.#store.getMany(entry.parts.filter(id => id !== undefined))
    const result = assembleTranslator(
      stored.flatMap(found => (found ? [(found.block as TranslatorBlock).translator] : [])),
    )
    if (!result.ok) return void this.#forget(entry)
    if (this.#assembled.size >= MAX_ASSEMBLED) this.#assembled.delete(this.#assembled.keys().next().value!)
    this.#assembled.set(entry, result.value)
    return result.value
  }

  #note({ block, admitted }: StoredBlock): void {
    if (!admitted || block.opaque || block.kind !== 'translator') return
    const { translator } = block
    const key = `${block.author} ${translator.set.join()} ${translator.from} ${translator.to}`
    const entry = this.#sets.get(key) ?? this.#begin(key, block)
    if (translator.count !== entry.parts.length || entry.parts[translator.index] !== undefined) return
    entry.parts[translator.index] = block.id
    entry.missing--
    ;(entry.summary.ids as string[])[translator.index] = block.id
  }

  #begin(key: string, { author, translator }: TranslatorBlock): PartialSet {
    if (this.#sets.size >= MAX_TRANSLATORS) this.#sets.delete(this.#sets.keys().next().value!)
    const { from, to, quality, count } = translator
    const ids = new Array<string>(count)
    const entry = {
      summary: { from, to, author, quality, ids },
      parts: new Array<undefined>(count).fill(undefined),
      missing: count,
    }
    this.#sets.set(key, entry)
    return entry
  }

  #forget(entry: PartialSet): void {
    entry.missing = Number.POSITIVE_INFINITY
  }
}
