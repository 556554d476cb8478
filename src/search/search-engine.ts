import { type Clock, CosmicError } from '../base/index'
import { blockVector, type Block } from '../block/index'
import type { BlockStore, StoredBlock } from '../store/index'
import { ModelSpace } from './model-space'
import { checkSearch, type SearchQuery } from './search-query'
import { unitVector } from './unit-vector'
import { NOTHING_FOUND, type SearchResult } from './vector-index'

export interface SearchOptions extends SearchPorts {
  /** Gives up the loading. */
  readonly signal?: AbortSignal
}

/** What an engine needs of its surroundings. */
export interface SearchPorts {
  /**
   * Awaited between slices of a long scan (about ten milliseconds each), so that other work of the thread goes first;
   * `() => new Promise(resolve => timers.set(resolve, 0))` will do. Without it a scan runs to its end at once.
   */
  readonly pause?: () => Promise<void>
  /** Tells which blocks have expired: they are not scored. Without it none ever does. */
  readonly clock?: Clock
}

/** The vectors of one model and length that can be searched. */
export interface SearchSpace {
  readonly model: string
  readonly dims: number
  readonly size: number
}

/**
 * Loads the admitted embeddings of a store into memory and follows what is stored from then on. The store is never
 * written. Rejects with `aborted`, and as the store's `query` does.
 *
 * @example
 * ```ts
 * const engine = await openSearch(store)
 * const { hits } = await engine.search({ vector, model: 'acme:embed-1', k: 10, where: { tags: ['physics'] } })
 * ```
 */
export async function openSearch(store: BlockStore, { signal, ...ports }: SearchOptions = {}): Promise<SearchEngine> {
  const engine = new SearchEngine(ports)
  engine.follow(store)
  try {
    for await (const stored of store.query({ kind: 'embedding', ...(signal && { signal }) })) engine.add(stored)
  } catch (error) {
    engine.close()
    throw error
  }
  return engine
}

/** Exact nearest neighbours by cosine among admitted embeddings, each model and length of vector apart. */
export class SearchEngine {
  readonly #spaces = new Map<string, Map<number, ModelSpace>>()
  readonly #ports: SearchPorts
  #unfollow: (() => void) | undefined
  #closed = false

  constructor(ports: SearchPorts = {}) {
    this.#ports = ports
  }

  /** Every model and length of vector that has blocks here. */
  get spaces(): readonly SearchSpace[] {
    return [...this.#spaces.values()].flatMap(byDims =>
      Array.from(byDims.values(), ({ model, dims, size }) => ({ model, dims, size })),
    )
  }

  /** Takes what a store adds, and what it judges anew, from now on. */
  follow(store: BlockStore): void {
    this.#unfollow = store.onChange(({ added, judged }) => {
      for (const stored of added) this.add(stored)
      for (const stored of judged) this.#rejudge(stored)
    })
  }

  #rejudge(stored: StoredBlock): void {
    if (stored.admitted) this.add(stored)
    else this.remove(stored.block)
  }

  /** Makes a block findable if it is an admitted embedding that is not yet. A zero vector has no direction and is never found. */
  add({ block, admitted }: StoredBlock): void {
    if (this.#closed || !admitted || block.opaque || block.kind !== 'embedding') return
    const { model, dims } = block.embedding
    const known = this.#spaces.get(model)?.get(dims)
    if (known?.restore(block)) return
    const unit = unitVector(blockVector(block))
    if (unit === undefined) return
    const byDims = this.#spaces.get(model) ?? new Map<number, ModelSpace>()
    const space = known ?? new ModelSpace(model, dims)
    this.#spaces.set(model, byDims.set(dims, space))
    space.add(block, unit)
  }

  /** Makes a block that is no longer admitted impossible to find. */
  remove(block: Block): void {
    if (block.opaque || block.kind !== 'embedding') return
    const { model, dims } = block.embedding
    const byDims = this.#spaces.get(model)
    const space = byDims?.get(dims)
    space?.remove(block.id)
    if (space?.size === 0) byDims!.delete(dims)
    if (byDims?.size === 0) this.#spaces.delete(model)
  }

  /**
   * The best `k` of the blocks that meet `where` and have not expired; both decided before any vector is compared. A model without blocks
   * has no hits. Rejects with `wrong-length`, `non-finite`, `bad-value` (a zero vector), `limit`, `aborted`, `closed`.
   */
  async search(query: SearchQuery): Promise<SearchResult> {
    if (this.#closed) throw new CosmicError({ code: 'closed', field: 'search' })
    checkSearch(query)
    const { vector, model, k = 10, where = {}, minScore, signal } = query
    const unit = unitVector(vector)
    const byDims = this.#spaces.get(model)
    const space = byDims?.get(vector.length)
    if (byDims !== undefined && space === undefined) throw wrongLength(model, byDims)
    if (unit === undefined)
      throw new CosmicError({ code: 'bad-value', field: 'vector', hint: 'a vector of zeros has no direction' })
    if (space === undefined) return NOTHING_FOUND
    const { pause, clock } = this.#ports
    const options = {
      k,
      ...(clock && { now: clock.now() }),
      ...(minScore !== undefined && { minScore }),
      ...(signal && { signal }),
      ...(pause && { pause }),
    }
    return space.search(unit, where, options)
  }

  /** Lets go of the store and of every vector; idempotent. */
  close(): void {
    this.#closed = true
    this.#unfollow?.()
    this.#spaces.clear()
  }
}

function wrongLength(model: string, byDims: ReadonlyMap<number, ModelSpace>): CosmicError {
  const [first, ...others] = [...byDims.keys()].sort((a, b) => a - b)
  const limit = others.length === 0 ? first! : [first, ...others].join(' or ')
  return new CosmicError({
    code: 'wrong-length',
    field: 'vector',
    limit,
    hint: `vectors of ${model} have ${limit} numbers`,
  })
}
