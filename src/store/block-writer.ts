import { type CosmicError, equal, throwIfAborted } from '../base/index'
import type { BlockCache } from './block-cache'
import type { EraseReason, PutBlock, PutOutcome, Rejudgement } from './block-store'
import type { StoreChange, StoredBlock, WaitOptions } from './block-store'
import { compactStore, needsCompaction } from './compact-store'
import { Draft } from './draft'
import { dropBelow, eraseBlocks, type EraseParts } from './erase-blocks'
import { GroupCommit } from './group-commit'
import { judgeBlocks } from './judge-blocks'
import { digestOf } from './digest-of'
import type { BatchOperation, CompactionOptions, KeyValueStorage } from './key-value-storage'
import { ERASED, stateKey } from './layout'
import type { LogReader } from './log-reader'
import { PostingsWriter } from './postings-writer'
import { PutBatch } from './put-batch'
import { quarantine } from './quarantine'
import type { RetractionLimits } from './settle-put'
import { StoreMender } from './store-mender'
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
 * gap and nothing counts twice; (2) what is remembered of the storage changes only once a batch is stored; (3) a change is told
 * after that. Those of repairs stand at `StoreMender`.
 */
export class BlockWriter {
  readonly mender: StoreMender
  readonly #parts: WriterParts
  readonly #postings: PostingsWriter
  readonly #commits = new GroupCommit(
    write => this.#inTurn(write),
    blocks => this.#planned(draft => this.#put(draft, blocks)),
  )
  #writing: Promise<unknown> = Promise.resolve()
  #begun = 0
  #ended = 0
  /** Batches that erased something. */
  #erasures = 0
  /** The state as this writer left it: when the storage has another one, others wrote. */
  #left: Uint8Array | undefined

  constructor(parts: WriterParts) {
    this.#parts = parts
    this.#postings = new PostingsWriter(parts.storage)
    const onChange = (change: StoreChange) => {
      if (change.erased.length > 0) this.#erasures++
      parts.onChange(change)
    }
    this.mender = new StoreMender({ ...parts, postings: this.#postings, alone: write => this.alone(write), onChange })
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
    return this.alone(() => this.mender.whole(() => this.#update(change)))
  }

  async #update<T>(change: (state: StoreState) => T | Promise<T>): Promise<T> {
    const state = await this.#read()
    const answer = await change(state)
    const value = encodeState(state)
    if (equal(value, this.#left!)) return answer
    await this.#store([{ type: 'put', key: stateKey(), value }])
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

  /** Batches that were begun. */
  get writes(): number {
    return this.#begun
  }

  /** Whether nothing was written, or is being written, since so many were begun. */
  isQuietSince(writes: number): boolean {
    return this.#begun === writes && this.#ended === writes
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
    return this.mender.whole(() => this.#commit(plan))
  }

  async #store(operations: readonly BatchOperation[]): Promise<void> {
    const { storage } = this.#parts
    this.#begun++
    try {
      await storage.batch(operations)
    } finally {
      this.#ended++
    }
  }

  async #commit<T>(plan: Plan<T>): Promise<T> {
    const { storage, cache, onChange } = this.#parts
    const draft = new Draft(storage, await this.#read())
    const { answer, added = [], judged = [], erased = [], lost = [] } = await plan(draft)
    if (draft.operations.length === 0) return answer
    if (erased.length > 0) draft.operations.push(ERASED)
    const { operations, done } = await draft.finish(this.#postings)
    await this.#store(operations)
    if (erased.length > 0) this.#erasures++
    done()
    this.#left = encodeState(draft.state)
    cache.delete([...judged.map(({ block }) => block.id), ...[...erased, ...lost].map(({ id }) => id)])
    onChange({ added, judged, erased, ...(lost.length > 0 && { lost }) })
    return answer
  }

  /** A repair that was stopped is brought to its end first. */
  async #read(): Promise<StoreState> {
    await this.mender.ended()
    const value = await this.#parts.storage.get(stateKey())
    if (this.#left && !(value && equal(value, this.#left))) this.#postings.clear()
    this.#left = value
    return decodeState(value)
  }
}
