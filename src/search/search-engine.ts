import { type Clock, CosmicError, loadOnce } from '../base/index'
import { blockVector, type Block } from '../block/index'
import type { BlockStore, StoredBlock } from '../store/index'
import type { KernelName } from './kernels/kernels'
import { ModelSpace } from './model-space'
import type { Predicate } from './postings'
import { checkFilter } from './search-filter'
import { checkSearch, recallOf, type SearchQuery } from './search-query'
import { NOTHING_FOUND, type SearchResult } from './search-result'
import { directionOf } from './unit-vector'

export interface SearchOptions extends SearchPorts {
  /** Gives up the loading. */
  readonly signal?: AbortSignal
}

/** What an engine needs of its surroundings. */
export interface SearchPorts {
  /**
   * Awaited between slices of long work (about ten milliseconds each), so that other work of the thread goes first;
   * `() => new Promise(resolve => timers.set(resolve, 0))` will do. Without it a scan runs to its end at once.
   */
  readonly pause?: () => Promise<void>
  /** Tells which blocks have expired: they are not scored. Without it none ever does. */
  readonly clock?: Clock
  /**
   * The compiled `cosmic-embeddings/search.wasm`, for runtimes that forbid compiling bytes. Without it the fastest kernels that
   * run here are compiled when a set of vectors first grows large.
   */
  readonly module?: WebAssembly.Module
  /**
   * Where the exact vectors of large sets are: `store` (the default of an engine that follows one) reads them from their blocks
   * when a search needs them, `memory` keeps them, which takes four bytes a number more and is faster.
   */
  readonly vectors?: 'store' | 'memory'
  /** Conditions by name, asked of each block once, when it comes; searches name them in `where.predicates`. */
  readonly predicates?: Readonly<Record<string, Predicate>>
  /** Told when work in the background fails, such as making codes of a large set, which then stays as it is. */
  readonly onError?: (error: unknown) => void
}

/** The vectors of one model and length that can be searched. */
export interface SearchSpace {
  readonly model: string
  readonly dims: number
  readonly size: number
  /** Memory that its vectors take, in bytes. */
  readonly bytes: number
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

/** Nearest neighbours among admitted embeddings, each model and length of vector apart. */
export class SearchEngine {
  readonly #spaces = new Map<string, Map<number, ModelSpace>>()
  readonly #ports: SearchPorts
  readonly #kernels = loadOnce(async () => {
    const { loadKernels } = await import('./kernels/load-kernels')
    const source = await loadKernels(this.#ports.module)
    this.#name = source.name
    return source
  })
  #name: KernelName = 'scalar'
  #store: BlockStore | undefined
  #unfollow: (() => void) | undefined
  #closed = false

  constructor(ports: SearchPorts = {}) {
    this.#ports = ports
  }

  /** Which code compares vectors: plain JavaScript until the first set of vectors is large. */
  get kernels(): KernelName {
    return this.#name
  }

  /** Every model and length of vector that has blocks here. */
  get spaces(): readonly SearchSpace[] {
    return this.#all().map(({ model, dims, size, byteLength }) => ({ model, dims, size, bytes: byteLength }))
  }

  /** Takes what a store adds, and what it judges anew, from now on. */
  follow(store: BlockStore): void {
    this.#store = store
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
    const byDims = this.#spaces.get(model)
    const space = byDims?.get(dims)
    if (space?.has(block.id)) return
    const vector = directionOf(blockVector(block))
    if (vector !== undefined) (space ?? this.#open(model, dims)).add(block, vector)
  }

  /** Makes a block, such as one that is no longer admitted, impossible to find at once. */
  remove({ id }: Pick<Block, 'id'>): void {
    for (const byDims of this.#spaces.values())
      for (const space of byDims.values()) if (space.remove(id) && space.size === 0) this.#drop(space)
  }

  /** Resolves when no work is left in the background, such as making codes of a set that has grown large. */
  async settled(): Promise<void> {
    await Promise.all(this.#all().map(space => space.settled()))
  }

  /**
   * The best `k` of the blocks that meet `where` and have not expired; both decided before any vector is compared. A model without blocks
   * has no hits. Rejects with `wrong-length`, `non-finite`, `bad-value` (a zero vector), `limit`, `out-of-range`, `aborted`, `closed`.
   */
  async search(query: SearchQuery): Promise<SearchResult> {
    if (this.#closed) throw new CosmicError({ code: 'closed', field: 'search' })
    checkSearch(query)
    checkFilter(query.where ?? {}, this.#ports.predicates ?? {})
    const { vector, model, k = 10, where = {}, metric = 'cosine', signal } = query
    const { minScore = metric === 'cosine' ? -1 : -Infinity } = query
    const direction = directionOf(vector)
    const byDims = this.#spaces.get(model)
    const space = byDims?.get(vector.length)
    if (byDims !== undefined && space === undefined) throw wrongLength(model, byDims)
    if (direction === undefined)
      throw new CosmicError({ code: 'bad-value', field: 'vector', hint: 'a vector of zeros has no direction' })
    if (space === undefined) return NOTHING_FOUND
    const now = this.#ports.clock?.now() ?? -Infinity
    const asked = { query: direction, metric, k, minScore, recall: recallOf(query), now, ...(signal && { signal }) }
    return space.search(asked, where)
  }

  /** Lets go of the store and of every vector; idempotent. */
  close(): void {
    this.#closed = true
    this.#unfollow?.()
    this.#spaces.clear()
  }

  #all(): ModelSpace[] {
    return [...this.#spaces.values()].flatMap(byDims => [...byDims.values()])
  }

  #open(model: string, dims: number): ModelSpace {
    const byDims = this.#spaces.get(model) ?? new Map<number, ModelSpace>()
    const store = this.#ports.vectors === 'memory' ? undefined : this.#store
    const { pause, onError, predicates } = this.#ports
    const space = new ModelSpace(model, dims, {
      kernels: this.#kernels,
      ...(store && { vectors: ids => vectorsOf(store, ids) }),
      ...(pause && { pause }),
      ...(onError && { onError }),
      ...(predicates && { predicates }),
    })
    this.#spaces.set(model, byDims.set(dims, space))
    return space
  }

  /** A space that has lost its last block is let go of. */
  #drop(space: ModelSpace): void {
    const byDims = this.#spaces.get(space.model)!
    byDims.delete(space.dims)
    if (byDims.size === 0) this.#spaces.delete(space.model)
  }
}

async function vectorsOf(store: BlockStore, ids: readonly string[]): Promise<(Float32Array | undefined)[]> {
  const blocks = await store.getMany(ids)
  return blocks.map(stored => {
    const block = stored?.block
    return block && !block.opaque && block.kind === 'embedding' ? blockVector(block) : undefined
  })
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
