import { CosmicError } from '../base/index'
import { blockVector, type EmbeddingBlock } from '../block/index'
import { guardedPredicates, scoreOf, type Metric, type Predicate, type SearchFilter } from '../search/index'
import type { BlockStore } from '../store/index'
import { KeywordBook, type KeywordPorts, type WordSurvey } from './keyword-book'
import type { SyncClientOptions } from './options'
import type { Ranked } from './query'
import type { QueryVector } from './query-vector'
import { WORDS_SHARE } from './words-share'

/** Reciprocal rank fusion adds 1 / (60 + rank) of every list that an item is in (Cormack, Clarke and Büttcher 2009). */
const SMOOTHING = 60

/** Ranks blocks by their vectors and by their words together. */
export class Hybrid {
  readonly #book: KeywordBook
  readonly #predicates: Readonly<Record<string, Predicate>> | undefined

  private constructor(book: KeywordBook, predicates: Readonly<Record<string, Predicate>> | undefined) {
    this.#book = book
    this.#predicates = predicates
  }

  /** Reads every admitted block once. */
  static async open(
    store: BlockStore,
    { keywords, predicates, maxBytes }: SyncClientOptions['search'] = {},
    ports: KeywordPorts = {},
  ): Promise<Hybrid> {
    if (!keywords) {
      const hint = 'new SyncClient({ search: { keywords: miniSearch } })'
      throw new CosmicError({ code: 'missing-field', field: 'search.keywords', hint })
    }
    const bounds = maxBytes !== undefined && { maxBytes: maxBytes * WORDS_SHARE }
    const guarded = predicates && guardedPredicates(predicates, ports.onError)
    return new Hybrid(await KeywordBook.open(store, await keywords(), { ...ports, ...bounds }), guarded)
  }

  get words(): WordSurvey {
    return this.#book.survey
  }

  /** Refuses what has no words. */
  check(queries: readonly QueryVector[]): void {
    if (queries.some(({ text }) => text !== undefined)) return
    throw new CosmicError({ code: 'bad-type', field: 'query', hint: 'a hybrid search needs a text' })
  }

  /** The best `k`, those that are high in both lists first. */
  async fuse(
    ranked: readonly Ranked[],
    queries: readonly QueryVector[],
    { k, where, metric = 'cosine', minScore }: FusedOptions,
  ): Promise<Ranked[]> {
    const fused = new Map<string, Ranked & { fused: number }>()
    const raise = (entry: Ranked, rank: number) => {
      const known = fused.get(entry.id) ?? { ...entry, fused: 0 }
      fused.set(entry.id, { ...known, fused: known.fused + 1 / (SMOOTHING + 1 + rank) })
    }
    ranked.forEach(raise)
    for (const query of queries) {
      if (query.text === undefined) continue
      const blocks = await this.#book.search(query.text, where, this.#predicates, k)
      blocks.forEach((block, rank) => {
        const score = scoreBetween(block, query, metric)
        // A lowest score is one of vectors: what cannot be compared does not reach it.
        if (minScore !== undefined && !(score !== undefined && score >= minScore)) return
        raise({ id: block.id, score: score ?? 0, standard: 0 }, rank)
      })
    }
    return [...fused.values()].sort((a, b) => b.fused - a.fused || (a.id < b.id ? -1 : 1)).slice(0, k)
  }
}

interface FusedOptions {
  readonly k: number
  readonly where: SearchFilter
  readonly metric?: Metric | undefined
  readonly minScore?: number | undefined
}

/** Of a block that its words found: by the metric, where its vector can be compared with the query's. */
function scoreBetween(block: EmbeddingBlock, { vector, model }: QueryVector, metric: Metric): number | undefined {
  const own = blockVector(block)
  if (block.embedding.model !== model || own.length !== vector.length) return undefined
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
  const [length, other] = [Math.sqrt(dot(vector, vector)), Math.sqrt(dot(own, own))]
  const product = length * other
  return scoreOf(metric, product > 0 ? dot(own, vector) / product : 0, length, other)
}
