import { timers as platformTimers } from '#platform'
import { CosmicError } from '../base/index'
import { blockVector, type Block } from '../block/index'
import type { BlockStore, StoredBlock } from '../store/index'
import { EntryReader } from './entry'
import { guardedPorts } from './guarded-ports'
import type { KernelName } from './kernels/kernels'
import { LocalCore } from './local-core'
import { Keeper, type Loading } from './saved/keeper'
import type { SearchCore, SearchSpace, Survey } from './search-core'
import { checkFilter } from './search-filter'
import type { RemoteCore } from './worker/remote-core'
import type { SearchPorts } from './search-ports'
import { checkQuery, recallOf, type SearchQuery } from './search-query'
import type { SearchResult } from './search-result'
import type { VectorSearch } from './vector-search'

export { readSearchOptions, readStore } from './read-ports'

/** Workers that die before the index lives on this thread. */
const MAX_DEATHS = 3

/** Nearest neighbours among admitted embeddings, each model and length of vector apart. */
export class SearchEngine implements VectorSearch {
  readonly #ports: SearchPorts
  readonly #Remote: typeof RemoteCore | undefined
  readonly #reader: EntryReader
  #core: SearchCore
  #store: BlockStore | undefined
  #keeper: Keeper | undefined
  #opening: Promise<void> | undefined
  #unfollow: (() => void) | undefined
  #deaths = 0
  #closed = false

  /** `Remote` is what runs an index in `ports.worker`. */
  constructor(ports: SearchPorts = {}, Remote?: typeof RemoteCore) {
    this.#ports = guardedPorts(ports)
    this.#Remote = Remote
    this.#reader = new EntryReader(this.#ports.predicates)
    this.#core = this.#makeCore()
  }

  /** Which code compares vectors: plain JavaScript until the first set of vectors is large. */
  get kernels(): KernelName {
    return this.#core.survey.kernels
  }

  /** Every model and length of vector that has blocks here. */
  get spaces(): readonly SearchSpace[] {
    return this.#core.survey.spaces
  }

  /** How far the loading is; absent when everything is there. */
  get loading(): Loading | undefined {
    return this.#keeper?.loading
  }

  /** The same, as they are after everything that was added until now. */
  look(): Promise<Survey> {
    return this.#core.look()
  }

  /** Whether the index lives in a worker or on this thread. */
  get thread(): 'own' | 'worker' {
    return this.#core instanceof LocalCore ? 'own' : 'worker'
  }

  /** Loads what a store holds, and follows it: see `openSearch`. */
  async open(store: BlockStore, signal?: AbortSignal): Promise<void> {
    this.follow(store)
    this.#start(signal)
    for (let opening = this.#opening; ; opening = this.#opening) {
      try {
        return await opening
      } catch (error) {
        // Another worker was started while this one opened.
        if (opening === this.#opening) throw error
      }
    }
  }

  #start(signal?: AbortSignal): void {
    const { predicates, predicatesVersion, persist, timers, clock, saveFrom, pause, onError } = this.#ports
    this.#keeper = new Keeper(this.#store!, this.#core, {
      ...(predicates && { predicateFunctions: predicates }),
      ...(predicatesVersion !== undefined && { predicates: predicatesVersion }),
      ...(persist !== undefined && { persist }),
      ...(saveFrom !== undefined && { saveFrom }),
      ...(timers && { timers }),
      ...(clock && { clock }),
      ...(pause && { pause }),
      ...(onError && { onError }),
    })
    this.#opening = this.#keeper.open(signal)
    this.#opening.catch(() => undefined)
  }

  #makeCore(): SearchCore {
    const ports = this.#ports
    const { pause, module, maxBytes, clustersFrom, onError, worker, timers = platformTimers } = ports
    const read = (ids: readonly string[]) => vectorsOf(this.#store!, ids)
    const common = {
      ...(module && { module }),
      ...(maxBytes !== undefined && { maxBytes }),
      ...(clustersFrom !== undefined && { clustersFrom }),
      ...(onError && { onError }),
    }
    if (worker && this.#Remote && this.#deaths < MAX_DEATHS) {
      try {
        const vectors = ports.vectors !== 'memory' && { vectors: read }
        return new this.#Remote({ ...common, ...vectors, worker, timers, onDeath: error => this.#onDeath(error) })
      } catch (cause) {
        this.#deaths++
        onError?.(new CosmicError({ code: 'worker', field: 'search.worker', hint: 'it did not start' }, { cause }))
        return this.#makeCore()
      }
    }
    const vectors = () => (ports.vectors !== 'memory' && this.#store ? read : undefined)
    return new LocalCore({ ...common, ...(pause && { pause }), vectors })
  }

  /** Another index takes over, from what is saved and from the store. */
  #onDeath(error: CosmicError): void {
    this.#deaths++
    this.#keeper?.abandon()
    this.#core = this.#makeCore()
    if (this.#store && !this.#closed) this.#start()
    this.#ports.onError?.(error)
  }

  /** Takes what a store adds, and what it judges anew or erases, from now on. */
  follow(store: BlockStore): void {
    this.#store = store
    this.#unfollow = store.onChange(({ added, judged, erased }) => {
      const refused = judged.filter(({ admitted }) => !admitted).map(({ block }) => block)
      this.#remove([...refused, ...erased].map(({ id }) => id))
      this.#add([...added, ...judged])
    })
  }

  /** Takes stored blocks: those that are admitted embeddings with a direction. */
  add(...stored: readonly StoredBlock[]): void {
    this.#add(stored)
  }

  /** Makes a block, such as one that is no longer admitted, impossible to find at once. */
  remove({ id }: Pick<Block, 'id'>): void {
    this.#remove([id])
  }

  /** Resolves when everything is loaded and no work is left in the background, such as making codes of a set that has grown large. */
  async settled(): Promise<void> {
    await this.#keeper?.loaded()
    await this.#core.settled()
  }

  /** Saves what is not saved yet beside the blocks. Rejects with `storage`. */
  async save(): Promise<void> {
    await this.#keeper?.save()
  }

  /**
   * The best `k` of the blocks that meet `where` and have not expired; both decided before any vector is compared. A model without blocks
   * has no hits. Rejects with `bad-type`, `unknown-field`, `wrong-length`, `non-finite`, `bad-value` (a zero vector), `limit`, `out-of-range`, `aborted`, `closed`.
   */
  async search(query: SearchQuery): Promise<SearchResult> {
    if (this.#closed) throw new CosmicError({ code: 'closed', field: 'search' })
    checkQuery(query)
    checkFilter(query.where ?? {}, this.#ports.predicates ?? {})
    const { vector, model, k = 10, where = {}, metric = 'cosine', signal } = query
    const { minScore = metric === 'cosine' ? -1 : -Infinity } = query
    const now = this.#ports.clock?.now() ?? -Infinity
    const numbers = vector instanceof Float32Array ? vector : Float64Array.from(vector)
    const asked = { vector: numbers, model, k, where, minScore, metric, recall: recallOf(query), now }
    const { loading } = this
    const found = await this.#core.search(asked, signal)
    return loading ? { ...(await this.#confirmed(found)), loading } : found
  }

  /** Lets go of the store and of every vector, once what changed is saved; idempotent. Rejects with `storage`. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#unfollow?.()
    try {
      await this.#keeper?.close()
    } finally {
      this.#core.close()
    }
  }

  #add(blocks: readonly StoredBlock[]): void {
    if (this.#keeper) return this.#keeper.add(blocks)
    this.#core.add(this.#reader.read(blocks))
  }

  #remove(ids: readonly string[]): void {
    if (this.#keeper) this.#keeper.remove(ids)
    else this.#core.remove(ids)
  }

  /** While it loads, an index may hold what the store erased or refused when nobody looked. */
  async #confirmed(found: SearchResult): Promise<SearchResult> {
    const stored = await this.#store!.getMany(found.hits.map(({ id }) => id))
    return { ...found, hits: found.hits.filter((_, i) => stored[i]?.admitted === true) }
  }
}

async function vectorsOf(store: BlockStore, ids: readonly string[]): Promise<(Float32Array | undefined)[]> {
  const blocks = await store.getMany(ids)
  return blocks.map(stored => {
    const block = stored?.block
    return block && !block.opaque && block.kind === 'embedding' ? blockVector(block) : undefined
  })
}
