import { attempt, toBase64url } from '../base/index'
import type { StoredBlock, BlockStore } from '../store/index'
import type { TranslatorBlock, TranslatorQuality } from '../block/index'
import { assembleTranslator, translate, type Translator } from '../models/index'
import type { IdentityBook } from './identity-book'

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

interface TranslatorSet {
  readonly summary: TranslatorSummary
  /** The array that `summary` shows; a part not yet here leaves a hole. */
  readonly ids: string[]
  missing: number
  /** The latest time of its parts. */
  time: number
  /** It fitted no query that it was tried for: the others come first from then on. */
  demoted?: boolean
}

/** The most translators that are remembered, whole or in part, of one author and of all. */
export const MAX_SETS_PER_AUTHOR = 64
export const MAX_SETS = 1_024
/** The most matrices that are held in memory. */
const MAX_ASSEMBLED = 8

/** Which translators the store holds whole, followed through its change events. Matrices are assembled when first used. */
export class TranslatorBook {
  readonly #store: BlockStore
  readonly #self: string
  readonly #identities: Pick<IdentityBook, 'hides'>
  readonly #sets = new Map<string, TranslatorSet>()
  readonly #assembled = new Map<TranslatorSummary, Translator>()
  #stop: (() => void) | undefined

  /** `self` is the did:key whose own translators are preferred: anyone can state any quality. */
  constructor(store: BlockStore, self: string, identities: Pick<IdentityBook, 'hides'>) {
    this.#store = store
    this.#self = self
    this.#identities = identities
  }

  async open(): Promise<void> {
    this.#stop = this.#store.onChange(({ added, judged }) => {
      for (const stored of [...added, ...judged]) if (stored.admitted) this.#note(stored)
      for (const { block, admitted } of judged) if (!admitted) this.#drop(block.id)
    })
    for await (const stored of this.#store.query({ kind: 'translator' })) this.#note(stored)
  }

  close(): void {
    this.#stop?.()
    this.#sets.clear()
    this.#assembled.clear()
  }

  /** The whole translators from one model by target, those of `self` first, then by the quality that their authors state. */
  from(model: string): Map<string, TranslatorSummary[]> {
    const whole = [...this.#sets.values()].filter(({ missing, summary: { from, author }, time }) => {
      return missing === 0 && from === model && !this.#identities.hides({ author, time })
    })
    const rank = ({ demoted, summary: { author, quality } }: TranslatorSet) =>
      (author === this.#self ? 4 : 0) + (demoted ? 0 : 2) + quality.top1
    whole.sort((a, b) => rank(b) - rank(a))
    const targets = new Map<string, TranslatorSummary[]>()
    for (const { summary } of whole) targets.set(summary.to, [...(targets.get(summary.to) ?? []), summary])
    return targets
  }

  /** Puts a translator that did not fit behind the others of its kind. */
  demote(summary: TranslatorSummary): void {
    for (const entry of this.#sets.values()) if (entry.summary === summary) entry.demoted = true
  }

  /** The matrix, or `undefined` when its parts do not fit together: it is not heard of again then. */
  async load(summary: TranslatorSummary): Promise<Translator | undefined> {
    const known = this.#assembled.get(summary)
    if (known) return known
    const stored = await this.#store.getMany(summary.ids)
    const parts = stored.flatMap(found => (found ? [(found.block as TranslatorBlock).translator] : []))
    const result = assembleTranslator(parts)
    if (!result.ok) return void this.#forget(summary)
    if (this.#assembled.size >= MAX_ASSEMBLED) this.#assembled.delete(this.#assembled.keys().next().value!)
    this.#assembled.set(summary, result.value)
    return result.value
  }

  /** The direction in the other model; `undefined` of a vector that has none there. */
  translate(translator: Translator, vector: Float32Array): Float32Array | undefined {
    const translated = attempt(() => translate(translator, vector))
    return translated.ok ? translated.value : undefined
  }

  #note({ block }: StoredBlock): void {
    if (block.opaque || block.kind !== 'translator') return
    const { from, to, set, index, count } = block.translator
    const key = `${block.author} ${from} ${to} ${toBase64url(set)}`
    const entry = this.#sets.get(key) ?? this.#begin(key, block)
    if (count !== entry.ids.length || entry.ids[index] !== undefined) return
    entry.ids[index] = block.id
    entry.missing--
    entry.time = Math.max(entry.time, block.time)
  }

  /** Room is made by the oldest set of this author, or of the one with the most: a flood never costs others theirs. */
  #begin(key: string, { author, translator }: TranslatorBlock): TranslatorSet {
    const byAuthor = new Map<string, string[]>()
    for (const [other, { summary }] of this.#sets) {
      const keys = byAuthor.get(summary.author) ?? []
      keys.push(other)
      byAuthor.set(summary.author, keys)
    }
    const own = byAuthor.get(author) ?? []
    const most = [...byAuthor].filter(([name]) => name !== this.#self).sort(([, a], [, b]) => b.length - a.length)[0]
    if (own.length >= MAX_SETS_PER_AUTHOR) this.#sets.delete(own[0]!)
    else if (this.#sets.size >= MAX_SETS && most) this.#sets.delete(most[1][0]!)
    const { from, to, quality, count } = translator
    const ids = new Array<string>(count)
    const entry = { summary: { from, to, author, quality, ids }, ids, missing: count, time: 0 }
    this.#sets.set(key, entry)
    return entry
  }

  /** A part that is no longer admitted is missing again. */
  #drop(id: string): void {
    for (const entry of this.#sets.values()) {
      const index = entry.ids.indexOf(id)
      if (index < 0) continue
      Reflect.deleteProperty(entry.ids, index)
      entry.missing++
    }
  }

  #forget(summary: TranslatorSummary): void {
    for (const [key, entry] of this.#sets) if (entry.summary === summary) this.#sets.delete(key)
  }
}
