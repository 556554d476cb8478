import { mapList } from '../base/index'
import type { Block } from '../block/index'
import type { PutBlock, PutOutcome, StoredBlock } from './block-store'
import { retractedBy } from './retracted-by'
import { isRetractable } from './retractable'

/** How many early retractions may wait for their blocks: of one author, and in all. */
export interface RetractionLimits {
  readonly author: number
  readonly all: number
}

/** What a store has of an id: the block whole, its record damaged, or a stub. */
export interface Holding {
  readonly state: 'whole' | 'damaged' | 'stub'
  readonly kind: string
  readonly author: string
}

/** What `settlePut` asks of a store, as it is before the batch. */
export interface PutState {
  readonly floor: number
  /** Of the ids in the batch and of those that its retractions withdraw. */
  held(id: string): Holding | undefined
  /** Whether this id was held once and is erased. */
  wasErased(id: string): boolean
  /** Whether a retraction of this id by this author is held. */
  isRetracted(id: string, author: string): boolean
  /** Early retractions of an author that wait, or of all. */
  waiting(author?: string): number
  readonly limits: RetractionLimits
}

/** What a batch comes to. */
export interface SettledPut {
  /** In the order given. */
  readonly outcomes: readonly PutOutcome[]
  /** The blocks answered `added`, each once, in the order given. */
  readonly added: readonly StoredBlock[]
  /** Ids, held whole or damaged or as stubs, that retractions of the batch erase. */
  readonly retracted: readonly string[]
  /** Ids of retractions of the batch that wait for their blocks. */
  readonly waiting: readonly string[]
}

/**
 * Decides what becomes of each block of a batch, as every `BlockStore` does. A retraction counts for the whole batch,
 * wherever in it it stands; one that finds no room among those that wait does nothing.
 */
export function settlePut(blocks: readonly PutBlock[], state: PutState): SettledPut {
  const distinct = new Map<string, PutBlock>()
  for (const stored of blocks) if (!distinct.has(stored.block.id)) distinct.set(stored.block.id, stored)
  const settled = new Map<string, PutOutcome>()
  const early = new Early(state)
  const tombstones = new Set<string>()
  const retracted: string[] = []
  const mayCome = (put: PutBlock) => refusalOf(put, state) === undefined
  for (const put of distinct.values()) {
    const { block } = put
    const target = mayCome(put) ? retractedBy(block) : undefined
    if (target === undefined) continue
    const holding = state.held(target)
    const beside = distinct.get(target)
    const comes = beside !== undefined && mayCome(beside) && !isAuthors(beside.block, block)
    const known = holding !== undefined || comes || state.wasErased(target)
    // One that is mended has its room already.
    if (!known && !early.admit(block, state.held(block.id) !== undefined)) {
      settled.set(block.id, 'quota')
      continue
    }
    tombstones.add(`${target} ${block.author}`)
    if (holding && isAuthors(holding, block)) retracted.push(target)
  }
  const isTombstoned = ({ id, author }: Block) => tombstones.size > 0 && tombstones.has(`${id} ${author}`)
  const isRetracted = (block: Block) =>
    isRetractable(block) && (isTombstoned(block) || state.isRetracted(block.id, block.author))
  for (const put of distinct.values()) {
    const { block } = put
    if (settled.has(block.id)) continue
    settled.set(block.id, refusalOf(put, state) ?? (isRetracted(block) ? 'retracted' : 'added'))
  }
  const added: StoredBlock[] = []
  for (const put of distinct.values()) if (settled.get(put.block.id) === 'added') added.push(unmarked(put))
  return { outcomes: answers(blocks, settled), added, retracted: [...new Set(retracted)], waiting: early.ids }
}

/** As it is stored: a pin is the policy's of the moment. */
function unmarked(put: PutBlock): StoredBlock {
  if (!Object.hasOwn(put, 'pinned')) return put
  const { pinned: _, ...stored } = put
  return stored
}

/** Whether a retraction erases what it withdraws. */
function isAuthors(target: Pick<Holding, 'kind' | 'author'>, retraction: Block): boolean {
  return target.author === retraction.author && isRetractable(target)
}

/**
 * Why a block is not stored, retractions aside. The floor keeps no retraction out, whatever its date: what it withdraws may
 * be held above the floor, or pinned below it.
 */
function refusalOf({ block, pinned }: PutBlock, state: PutState): PutOutcome | undefined {
  const holding = state.held(block.id)
  if (holding?.state === 'whole') return 'known'
  if (holding?.state === 'stub') return 'pruned'
  const isRefused = holding === undefined && block.time < state.floor && !pinned
  return isRefused && retractedBy(block) === undefined ? 'below-floor' : undefined
}

/** The second of two equal ids in a batch is known, unless neither was stored. */
function answers(blocks: readonly StoredBlock[], settled: ReadonlyMap<string, PutOutcome>): PutOutcome[] {
  const seen = new Set<string>()
  return mapList(blocks, ({ block: { id } }) => {
    const outcome = settled.get(id)!
    const again = seen.has(id)
    seen.add(id)
    return again && outcome === 'added' ? 'known' : outcome
  })
}

/** Room for retractions that come before their blocks. */
class Early {
  readonly ids: string[] = []
  readonly #state: PutState
  readonly #of = new Map<string, number>()
  /** Of them, those that take room. */
  #fresh = 0

  constructor(state: PutState) {
    this.#state = state
  }

  /** `again`: it is held, though damaged, and counted where it waits. */
  admit({ id, author }: Block, again: boolean): boolean {
    if (again) return (this.ids.push(id), true)
    const { limits } = this.#state
    const own = this.#of.get(author) ?? 0
    if (this.#state.waiting(author) + own >= limits.author) return false
    if (this.#state.waiting() + this.#fresh >= limits.all) return false
    this.#fresh++
    this.#of.set(author, own + 1)
    this.ids.push(id)
    return true
  }
}
