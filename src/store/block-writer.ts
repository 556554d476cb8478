import { type CosmicError, equal, throwIfAborted } from '../base/index'
import type { BlockCache } from './block-cache'
import type { EraseReason, PutBlock, PutOutcome, Rejudgement } from './block-store'
import type { StoreChange, StoredBlock, StoreProgress, WaitOptions } from './block-store'
import { compactStore, needsCompaction } from './compact-store'
import { Draft } from './draft'
import { driven } from './driven-repair'
import { dropBelow, eraseBlocks, type EraseParts } from './erase-blocks'
import { GroupCommit } from './group-commit'
import { isIndexDamage } from './is-index-damage'
import { judgeBlocks } from './judge-blocks'
import { digestOf } from './digest-of'
import type { BatchOperation, CompactionOptions, KeyValueStorage } from './key-value-storage'
import { ERASED, stateKey } from './layout'
import type { LogReader } from './log-reader'
import { PostingsWriter } from './postings-writer'
import { PutBatch } from './put-batch'
import { quarantine } from './quarantine'
import { repairStore } from './repair-store'
import type { RetractionLimits } from './settle-put'
import { decodeState, encodeState, type StoreState } from './store-state'

export interface WriterParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly cache: BlockCache
  readonly limits: RetractionLimits
  readonly onChange: (change: StoreChange) => void
  readonly onDamage: ((error: CosmicError) => void) | undefined
  /** Indexes were made anew. */
  readonly onRepaired: () => void
  readonly newEpoch: () => Uint8Array
}

type Plan<T> = (draft: Draft) => Promise<Partial<StoreChange> & { answer: T }>

/**
 * Writes, one batch after the other.
 *
 * Invariants: (1) one write at a time, in the order of the calls, reads the state and writes its batch, so that seq has no
 * gap and nothing counts twice; (2) what is remembered of the storage changes only once a batch is stored; (3) a change is told after that; (4)
 * nothing is written between the beginning of a repair and its end.
 */
export class BlockWriter {
  readonly #parts: WriterParts
  readonly #postings: PostingsWriter
  readonly #commits = new GroupCommit(
    write => this.#inTurn(write),
    blocks => this.#planned(draft => this.#put(draft, blocks)),
  )
  #writing: Promise<unknown> = Promise.resolve()
  /** A repair was begun and not ended: state and indexes are not to be written into. */
  #isCut = false
  #mends = 0
  #mending: Promise<void> | undefined
  #asked: Promise<void> | undefined
  /** Ends the repairs that were asked for. */
  readonly asked = new AbortController()
  /** Batches that erased something. */
  #erasures = 0
  /** The state as this writer left it: when the storage has another one, others wrote. */
  #left: Uint8Array | undefined

  constructor(parts: WriterParts) {
    this.#parts = parts
    this.#postings = new PostingsWriter(parts.storage)
  }

  async put(blocks: readonly PutBlock[], { signal }: WaitOptions = {}): Promise<readonly PutOutcome[]> {
    throwIfAborted(signal)
    return this.#commits.add(blocks)
  }

  async #put(draft: Draft, blocks: readonly PutBlock[]) {
    const batch = new PutBatch({ ...this.#eraseParts(draft), limits: this.#parts.limits })
    const answer = await batch.write(blocks)
    return { answer, added: batch.added, erased: batch.erased }
  }

  /** For a store of an older format: blocks, and places whose blocks are lost, with more operations in the same batch. */
  carry(
    blocks: readonly StoredBlock[],
    lost: readonly { readonly id: string; readonly time: number }[],
    operations: readonly BatchOperation[],
  ): Promise<void> {
    return this.#write(async draft => {
      await this.#put(draft, blocks)
      for (const { id, time } of lost) draft.lose(digestOf(id)!, time)
      draft.operations.push(...operations)
      return { answer: undefined }
    })
  }

  judge(judgements: readonly Rejudgement[]): Promise<readonly string[]> {
    return this.#write(async draft => {
      const judged = await judgeBlocks(this.#parts.storage, draft, judgements)
      return { answer: judged.map(({ block }) => block.id), judged }
    })
  }

  erase(ids: readonly string[], reason: EraseReason): Promise<readonly string[]> {
    return this.#write(async draft => {
      const erased = await eraseBlocks(this.#eraseParts(draft), ids, reason)
      return { answer: erased.map(({ id }) => id), erased }
    })
  }

  dropBelow(floor: number, limit: number, only?: 'stubs'): Promise<number> {
    return this.#write(async draft => {
      const erased = await dropBelow(this.#eraseParts(draft), floor, limit, only)
      return { answer: erased.length, erased }
    })
  }

  /** Sets those aside whose records are damaged. */
  async quarantine(ids: readonly string[]): Promise<void> {
    await this.#write(async draft => ({ answer: undefined, lost: await quarantine(this.#eraseParts(draft), ids) }))
  }

  /** Changes the state alone. */
  update<T>(change: (state: StoreState) => T | Promise<T>): Promise<T> {
    return this.alone(() => this.#whole(() => this.#update(change)))
  }

  async #update<T>(change: (state: StoreState) => T | Promise<T>): Promise<T> {
    const state = await this.#read()
    const answer = await change(state)
    const value = encodeState(state)
    if (equal(value, this.#left!)) return answer
    await this.#parts.storage.batch([{ type: 'put', key: stateKey(), value }])
    this.#left = value
    return answer
  }

  /** One writer after the other, in the order of the calls: puts asked for before are written before. */
  alone<T>(write: () => Promise<T>): Promise<T> {
    this.#commits.end()
    return this.#inTurn(write)
  }

  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(write)
    this.#writing = done.catch(() => undefined)
    return done
  }

  /** Brings what was erased before this call out of the storage; answers whether it is. */
  compact(options?: CompactionOptions): Promise<boolean> {
    const { storage } = this.#parts
    return compactStore({ storage, erasures: () => this.#erasures, alone: write => this.alone(write) }, options)
  }

  needsCompaction(): Promise<boolean> {
    return needsCompaction(this.#parts.storage)
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#writing
  }

  #eraseParts(draft: Draft): EraseParts {
    const { storage, log } = this.#parts
    return { storage, log, draft }
  }

  #write<T>(plan: Plan<T>): Promise<T> {
    return this.alone(() => this.#planned(plan))
  }

  #planned<T>(plan: Plan<T>): Promise<T> {
    return this.#whole(() => this.#commit(plan))
  }

  /** Indexes that are damaged where a batch would change them are made anew first. */
  async #whole<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      if (!isIndexDamage(error)) throw error
      await this.#mend(error)
      return write()
    }
  }

  /** How often indexes were begun to be made anew. */
  get mends(): number {
    return this.#mends
  }

  /** Resolves when indexes are not being made anew. */
  async mended(): Promise<void> {
    await this.#mending?.catch(() => undefined)
  }

  /** Has indexes made anew, once for all who ask meanwhile; while a repair is under way, nothing. */
  async mend(error: CosmicError): Promise<void> {
    if (this.#isCut) return
    this.#asked ??= this.alone(() => this.#mend(error)).finally(() => (this.#asked = undefined))
    return this.#asked
  }

  async #mend(error: CosmicError): Promise<void> {
    this.#parts.onDamage?.(error)
    await this.#run()
  }

  /** A repair was begun, and not brought to its end: lists are short. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Brings a repair that was cut short to its end, once for all who ask meanwhile. */
  finish(): Promise<void> {
    this.#asked ??= this.alone(async () => {
      if (this.#isCut) await this.#run()
    }).finally(() => (this.#asked = undefined))
    return this.#asked
  }

  /** Makes indexes, counts and log anew from the records. */
  repair(options?: WaitOptions): AsyncGenerator<StoreProgress> {
    return driven((tell, left) => {
      const signal = AbortSignal.any([left, this.asked.signal])
      return this.alone(() => this.#run({ signal }, tell))
    }, options)
  }

  async #run(options?: WaitOptions, tell?: (progress: StoreProgress) => Promise<void>): Promise<void> {
    throwIfAborted(options?.signal)
    this.#mends++
    const run = async () => {
      for await (const progress of this.#repair(options)) await tell?.(progress)
    }
    this.#mending = run().finally(() => (this.#mending = undefined))
    await this.#mending
  }

  async *#repair(options?: WaitOptions): AsyncGenerator<StoreProgress> {
    const { storage, log, cache, newEpoch, onChange } = this.#parts
    this.#isCut = true
    const told: StoreChange[] = []
    try {
      yield* repairStore({ storage, epoch: newEpoch(), onChange: change => told.push(change) }, options)
      this.#isCut = false
      this.#parts.onRepaired()
    } finally {
      log.clear()
      cache.clear()
      this.#postings.clear()
      if (told.some(({ erased }) => erased.length > 0)) this.#erasures++
      told.forEach(onChange)
    }
  }

  async #commit<T>(plan: Plan<T>): Promise<T> {
    const { storage, cache, onChange } = this.#parts
    const draft = new Draft(storage, await this.#read())
    const { answer, added = [], judged = [], erased = [], lost = [] } = await plan(draft)
    if (draft.operations.length === 0) return answer
    if (erased.length > 0) draft.operations.push(ERASED)
    const { operations, done } = await draft.finish(this.#postings)
    await storage.batch(operations)
    if (erased.length > 0) this.#erasures++
    done()
    this.#left = encodeState(draft.state)
    cache.delete([...judged.map(({ block }) => block.id), ...[...erased, ...lost].map(({ id }) => id)])
    onChange({ added, judged, erased, ...(lost.length > 0 && { lost }) })
    return answer
  }

  /** A repair that was stopped is brought to its end first. */
  async #read(): Promise<StoreState> {
    if (this.#isCut) await this.#run()
    const value = await this.#parts.storage.get(stateKey())
    if (this.#left && !(value && equal(value, this.#left))) this.#postings.clear()
    this.#left = value
    return decodeState(value)
  }
}
