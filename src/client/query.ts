import { CosmicError } from '../base/index'
import type { EmbeddingBlock } from '../block/index'
import { directionOf, exactQuery, type ExactQuery, wrongLength } from '../search/for-client'
import {
  checkSearch,
  type Loading,
  MAX_HITS,
  type SearchFilter,
  type SearchQuery,
  type Survey,
  type VectorSearch,
} from '../search/index'
import type { Grades, Verdict } from '../validate/index'
import { prefixQuery } from './prefix-query'
import type { QueryVector } from './query-vector'
import type { HitShape } from './shape-hits'
import type { TranslatorBook, TranslatorSummary } from './translator-book'

export interface SearchOptions extends Pick<SearchQuery, 'metric' | 'mode' | 'recall'>, HitShape {
  /** The model of a query vector; text uses the client's embedder, a block its own model. */
  readonly model?: string
  /** How many hits (default 10, at most 10,000). */
  readonly k?: number
  readonly where?: HitFilter
  /**
   * Also search blocks of other models that a published translator reaches (default true: this agent's own translators
   * first, then anyone's). A list of did:keys admits the translators of these authors only.
   */
  readonly translate?: boolean | readonly string[]
  /** `current` (default): blocks that no later version of the same author replaced; `all`: those as well. */
  readonly versions?: 'current' | 'all'
  /**
   * Also find blocks by the words of their inline text, and rank by both lists together (reciprocal rank fusion): for a text query,
   * with `search: { keywords }`. Blocks that only their words found have a `standard` of 0.
   */
  readonly hybrid?: boolean
  /** Lowest score, in the block's own model. */
  readonly minScore?: number
  readonly signal?: AbortSignal
}

/** Conditions on what is searched, and on what is known of each hit. */
export interface HitFilter extends SearchFilter {
  /**
   * Grades that the hit's verdict must have, every one of them. What evidence says may change from hour to hour, so no index holds
   * it: hits without them are passed over, and the search looks further, up to the 10,000 nearest.
   */
  readonly grades?: readonly (keyof Grades)[]
}

export interface SearchHit {
  readonly block: EmbeddingBlock
  /**
   * By the metric, usually the cosine, of the query, translated where `via` is given, with the block's vector: comparable within
   * one model only.
   */
  readonly score: number
  /** Standard score: how many deviations `score` lies above the mean over all blocks scanned of that model. Hits are sorted by it. */
  readonly standard: number
  readonly verdict: Verdict
  /** In a hybrid search: the sum of 1 / (60 + rank) over the lists by vector and by words. Hits are sorted by it. */
  readonly fused?: number
  /** The translator that carried the query into the block's model. */
  readonly via?: TranslatorSummary
}

/** What was searched for one model. */
export interface SearchedModel {
  readonly model: string
  /** Blocks that passed the filter and were scored. */
  readonly scanned: number
  /** Where rounding hides which blocks are the best: the share of them to be expected among the hits, below the one asked for. */
  readonly expectedRecall?: number
  readonly via?: TranslatorSummary
}

export interface SearchReport {
  readonly model: string
  readonly searched: readonly SearchedModel[]
  /** Models with blocks here that no usable translator reaches from the query's model. */
  readonly unreached: readonly string[]
  /** There while blocks are still loaded after `start`: only what is there was searched. */
  readonly loading?: Loading
  /** Blocks left out of the index for want of memory (`search.maxBytes`), if there are any. */
  readonly omitted?: number
}

/** The most translators that one search tries for a model: any peer can publish one that leads nowhere. */
const MAX_TRIED = 8

export interface Ranked {
  readonly id: string
  readonly score: number
  readonly standard: number
  readonly fused?: number
  readonly via?: TranslatorSummary
  readonly asked?: Asked
}

/** What found an entry by rounded vectors: from it and the block's own vector comes the score. */
export interface Asked {
  readonly query: ExactQuery
  readonly mean: number | undefined
  readonly deviation: number | undefined
}

/** Searches the query's own model and every model that a translator reaches; ranks all by standard score. */
export async function rank(
  query: QueryVector,
  options: SearchOptions,
  engine: VectorSearch,
  book: TranslatorBook,
): Promise<{ ranked: Ranked[]; report: SearchReport }> {
  const { k = 10, where, translate: translates = true } = options
  checkSearch({ ...given(options), vector: query.vector, k })
  if (query.vector.length > 0 && !query.vector.some(Boolean)) {
    throw new CosmicError({ code: 'bad-value', field: 'vector', hint: 'a vector of zeros has no direction' })
  }
  const ranked: Ranked[] = []
  const searched: SearchedModel[] = []
  const unreached: string[] = []
  const { loading } = engine
  const survey = await engine.look()
  const { omitted } = survey
  const models = modelsOf(survey).filter(model => where?.model === undefined || where.model === model)
  for (const model of models) {
    // Anyone can publish a vector of another length under any model: that alone must not spoil the rest of the search.
    if (model === query.model && models.length > 1 && !hasSpace(survey, model, query.vector.length)) {
      unreached.push(model)
      continue
    }
    const carried =
      model === query.model
        ? query
        : (prefixQuery(query, model) ??
          (translates
            ? await carry(query, model, candidates(book, query.model, model, translates), survey, book)
            : undefined))
    if (carried && (model === query.model || carried.vector.some(Boolean))) {
      const found = await searchModel({ ...carried, model }, options, engine)
      searched.push(found.searched)
      ranked.push(...found.ranked)
    } else unreached.push(model)
  }
  ranked.sort(byStandard)
  const lengths = survey.spaces.filter(({ model }) => model === query.model).map(({ dims }) => dims)
  // What fits nothing that is here is a mistake; that some other model has no way to it is none.
  const fits = survey.spaces.some(({ model, dims }) => models.includes(model) && dims === query.vector.length)
  if (searched.length === 0 && !fits && models.includes(query.model)) throw wrongLength(query.model, lengths)
  const incomplete = { ...(loading && { loading }), ...(omitted > 0 && { omitted }) }
  const report = { model: query.model, searched, unreached, ...incomplete }
  return { ranked: ranked.slice(0, k), report }
}

/** The ranks of several queries as one list: each block with its best standard score. */
export async function rankAny(
  queries: readonly QueryVector[],
  options: SearchOptions,
  engine: VectorSearch,
  book: TranslatorBook,
): Promise<{ ranked: Ranked[]; report: SearchReport }> {
  const best = new Map<string, Ranked>()
  const reports: SearchReport[] = []
  const asked = new Set(queries.flatMap(({ exclude = [] }) => exclude))
  const { k = 10 } = options
  // Blocks that are asked with may be hits of one another, which are taken away. A `k` that is refused is refused as it is.
  const more = queries.length > 1 && k >= 1 && k <= MAX_HITS ? asked.size : 0
  const wider = { ...options, k: Math.min(k + more, Math.max(k, MAX_HITS)) }
  for (const query of queries) {
    const { ranked, report } = await rank(query, wider, engine, book)
    reports.push(report)
    for (const entry of ranked)
      if ((best.get(entry.id)?.standard ?? -Infinity) < entry.standard) best.set(entry.id, entry)
  }
  const ranked = [...best.values()].filter(({ id }) => !asked.has(id)).sort(byStandard)
  const first = reports[0]!
  const unreached = [...new Set(reports.flatMap(report => report.unreached))]
  const searched = reports.flatMap(report => report.searched)
  return { ranked, report: { ...first, searched, unreached } }
}

/** The order of ranks: by standard score; of equal ones the smaller id comes first. */
export function byStandard(a: Omit<Ranked, 'asked'>, b: Omit<Ranked, 'asked'>): number {
  return b.standard - a.standard || b.score - a.score || (a.id < b.id ? -1 : 1)
}

interface CarriedVector extends QueryVector {
  readonly via?: TranslatorSummary
}

function candidates(book: TranslatorBook, from: string, to: string, allowed: true | readonly string[]) {
  const known = book.from(from).get(to) ?? []
  return (allowed === true ? known : known.filter(({ author }) => allowed.includes(author))).slice(0, MAX_TRIED)
}

/** The query in another model, by the first translator whose matrix fits both its vector and the blocks that are there. */
async function carry(
  query: QueryVector,
  model: string,
  tried: readonly TranslatorSummary[],
  survey: Pick<Survey, 'spaces'>,
  book: TranslatorBook,
): Promise<CarriedVector | undefined> {
  for (const via of tried) {
    const translator = await book.load(via)
    if (!translator) continue
    const fits = translator.columns === query.vector.length && hasSpace(survey, model, translator.rows)
    const vector = fits ? book.translate(translator, query.vector) : undefined
    if (vector) return { ...query, vector, via }
    book.demote(via)
  }
  return undefined
}

function hasSpace({ spaces }: Pick<Survey, 'spaces'>, model: string, dims: number): boolean {
  return spaces.some(space => space.model === model && space.dims === dims)
}

async function searchModel(
  { vector, model, exclude, via }: CarriedVector,
  options: SearchOptions,
  engine: VectorSearch,
): Promise<{ ranked: Ranked[]; searched: SearchedModel }> {
  const { k = 10, where = {} } = options
  const { hits, scanned, mean, deviation, expectedRecall } = await engine.search({
    ...given(options),
    ...{ vector, model, where },
    k: exclude === undefined ? k : Math.min(k + 1, MAX_HITS),
  })
  const found = via && { via }
  const direction = options.mode === 'exact' ? undefined : directionOf(vector)
  const query = direction && exactQuery(options.metric ?? 'cosine', direction)
  const asked = query && { asked: { query, mean, deviation } }
  const ranked = hits
    .filter(({ id }) => id !== exclude)
    .map(({ id, score }) => ({ id, score, standard: standardScore(score, mean, deviation), ...found, ...asked }))
  return { ranked, searched: { model, scanned, ...(expectedRecall !== undefined && { expectedRecall }), ...found } }
}

/** What the engine takes as it is; options may be `undefined` where the engine's are absent. */
function given({ minScore, metric, mode, recall, signal }: SearchOptions) {
  return {
    ...(minScore !== undefined && { minScore }),
    ...(metric !== undefined && { metric }),
    ...(mode !== undefined && { mode }),
    ...(recall !== undefined && { recall }),
    ...(signal && { signal }),
  }
}

/** With no spread (one block, or all alike) there is nothing to stand out from. */
export function standardScore(score: number, mean = 0, deviation = 0): number {
  return deviation > 0 ? (score - mean) / deviation : 0
}

/** Models with blocks in the index, each once. */
export function modelsOf({ spaces }: Pick<Survey, 'spaces'>): string[] {
  return [...new Set(spaces.map(({ model }) => model))]
}
