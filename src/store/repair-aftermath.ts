import { Cid, toHex } from '../base/index'
import type { ErasedBlock, StoreChange, StoredBlock, StoreProgress, SyncMember } from './block-store'
import { Draft } from './draft'
import { eraseHolding } from './erase-blocks'
import { readHoldings } from './holdings'
import { decodeIdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { ERASED, idKey, recordKey } from './layout'
import { LogReader } from './log-reader'
import type { PostingsWriter } from './postings-writer'
import { PutBatch } from './put-batch'
import { isRetractable } from './retractable'
import { retractedBy } from './retracted-by'
import type { ScannedRun, Stray } from './scan-places'
import type { StoreState } from './store-state'
import { COUNTED } from './terms'

const BATCH = 256

interface HeldRetraction {
  readonly digest: Uint8Array
  readonly seq: number
  readonly admitted: boolean
  readonly author: string
  readonly target: string
}

export interface AftermathParts {
  readonly storage: KeyValueStorage
  readonly postings: PostingsWriter
  readonly onChange?: (change: StoreChange) => void
}

type Change = Partial<Pick<StoreChange, 'added' | 'erased' | 'lost'>>

/**
 * What a repair leaves to do once every place was looked at: ids of what was erased, records that stood at places of others, and
 * retractions, which wait or erase as they would have.
 */
export class Aftermath {
  readonly #parts: AftermathParts
  readonly #erased: { readonly digest: Uint8Array; readonly seq: number }[] = []
  readonly #strays: Stray[] = []
  readonly #retractions: HeldRetraction[] = []
  /** Places without their blocks, which are lost unless these stand elsewhere. */
  readonly #gone: { readonly digest: Uint8Array; readonly seq: number; readonly time: number }[] = []
  /** Keys of records that were written here. */
  readonly #written = new Set<string>()
  #state!: StoreState

  constructor(parts: AftermathParts) {
    this.#parts = parts
  }

  note({ places, strays }: ScannedRun): void {
    this.#strays.push(...strays)
    for (const { seq, arrival, entry, stored } of places) {
      const { digest, state, time } = arrival
      if (state === 'erased' && entry === undefined && digest.some(byte => byte > 0)) this.#erased.push({ digest, seq })
      const isNew = entry === undefined || entry.state === 'held'
      if (state === 'lost' && isNew && digest.some(byte => byte > 0)) this.#gone.push({ digest, seq, time })
      const target = stored && retractedBy(stored.block)
      if (stored && target !== undefined)
        this.#retractions.push({ digest, seq, admitted: stored.admitted, author: stored.block.author, target })
    }
  }

  async *settle(state: StoreState, total: number): AsyncGenerator<StoreProgress> {
    this.#state = state
    const steps = [
      ...chunks(this.#erased).map(chunk => (draft: Draft) => this.#restore(draft, chunk)),
      ...chunks(this.#strays).map(chunk => (draft: Draft) => this.#place(draft, chunk)),
      ...chunks(this.#gone).map(chunk => (draft: Draft) => this.#lose(draft, chunk)),
      ...chunks(this.#retractions).map(chunk => (draft: Draft) => this.#withdraw(draft, chunk)),
    ]
    for (const step of steps) {
      await this.#write(step)
      yield { stage: 'records', done: total, total }
    }
  }

  async #write(step: (draft: Draft) => Promise<Change>): Promise<void> {
    const { storage, postings } = this.#parts
    const draft = new Draft(storage, { ...this.#state })
    const change = await step(draft)
    if (draft.isEmpty) return this.#tell(change)
    if (draft.operations.some(({ type }) => type === 'delete')) draft.operations.push(ERASED)
    const { operations, done } = await draft.finish(postings)
    await storage.batch(operations)
    done()
    this.#state = draft.state
    this.#tell(change)
  }

  #tell({ added = [], erased = [], lost = [] }: Change): void {
    if (added.length + erased.length + lost.length === 0) return
    this.#parts.onChange?.({ added, judged: [], erased, ...(lost.length > 0 && { lost }) })
  }

  /** Ids of erased blocks, where no other place has them. */
  async #restore(draft: Draft, chunk: readonly { digest: Uint8Array; seq: number }[]): Promise<Change> {
    const values = await this.#parts.storage.getMany(chunk.map(({ digest }) => idKey(digest)))
    for (const [i, { digest, seq }] of chunk.entries())
      if (values[i] === undefined) draft.id(digest, { seq, state: 'erased', admitted: false, waiting: false })
    return {}
  }

  /** Puts records where they belong; those of blocks that are held elsewhere, erased or withdrawn are let go. */
  async #place(draft: Draft, chunk: readonly Stray[]): Promise<Change> {
    const { storage } = this.#parts
    for (const { key } of chunk) if (!this.#written.has(toHex(key))) draft.operations.push({ type: 'delete', key })
    const stored = chunk.flatMap(stray => stray.stored ?? [])
    const holdings = await readHoldings(
      storage,
      stored.map(({ block }) => block.id),
    )
    const isErased = ({ block }: StoredBlock) => holdings.get(block.id)?.entry.state === 'erased'
    const limits = { all: Infinity, author: Infinity }
    const batch = new PutBatch({ storage, log: new LogReader(storage), draft, limits })
    await batch.write(stored.filter(each => !isErased(each)).map(each => ({ ...each, pinned: true })))
    for (const { key, type } of draft.operations)
      if (type === 'put' && key[0] === recordKey(1)[0]) this.#written.add(toHex(key))
    return { added: batch.added, erased: batch.erased }
  }

  /** Which of these are lost; places of blocks that stand elsewhere are let go. */
  async #lose(draft: Draft, chunk: readonly { digest: Uint8Array; seq: number; time: number }[]): Promise<Change> {
    const values = await this.#parts.storage.getMany(chunk.map(({ digest }) => idKey(digest)))
    const lost: SyncMember[] = []
    for (const [i, { digest, seq, time }] of chunk.entries()) {
      const entry = decodeIdEntry(digest, values[i])
      if (entry?.seq !== seq) draft.mark(seq, { state: 'erased' })
      else if (entry.state === 'lost') lost.push({ id: Cid.textOf(digest), time })
    }
    return { lost }
  }

  /** What is withdrawn and held is erased; a retraction of what the log does not have waits. */
  async #withdraw(draft: Draft, chunk: readonly HeldRetraction[]): Promise<Change> {
    const holdings = await readHoldings(
      this.#parts.storage,
      chunk.map(({ target }) => target),
    )
    const erased = new Map<string, ErasedBlock | undefined>()
    await draft.load(chunk.map(({ author }) => COUNTED.author + author))
    for (const { target, author, digest, seq, admitted } of chunk) {
      const holding = holdings.get(target)
      if (holding === undefined) {
        draft.wait(author, 1)
        draft.id(digest, { seq, state: 'held', admitted, waiting: true })
        continue
      }
      const of = holding.stored?.block ?? holding.stub
      if (of?.author !== author || !isRetractable(of) || erased.has(target)) continue
      erased.set(target, await eraseHolding({ draft }, holding, 'retracted'))
    }
    return { erased: [...erased.values()].filter(each => each !== undefined) }
  }
}

function chunks<T>(list: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let i = 0; i < list.length; i += BATCH) parts.push(list.slice(i, i + BATCH))
  return parts
}
