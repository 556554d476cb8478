import type { Timers } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { BlockStore, StoredBlock } from '../store/index'
import { awaitsEvidence } from '../validate/index'
import type { Ingest } from './ingest'
import type { AuthorWatch, DueBlocks, EvidenceReader } from './regrade-causes'

export interface RegraderParts {
  readonly ingest: Ingest
  readonly store: BlockStore
  readonly reader: EvidenceReader
  readonly authors?: AuthorWatch
  readonly timers: Timers
  /** What no call waits for: a store that fails. The blocks at hand are judged anew later. */
  readonly onError: (error: unknown) => void
  /** Told which blocks were judged anew, whatever came of it. */
  readonly onRegrade?: (ids: readonly string[]) => void
}

/** Milliseconds between two rounds of work, and the most blocks that one judges anew. */
export const REGRADE_INTERVAL = 50
export const REGRADE_BATCH = 64
/** The most blocks that wait to be judged anew; beyond it what led to them is read again. */
export const MAX_PENDING = 10_000

/** The most batches whose inclusions wait to be read. */
const MAX_BATCHES = 256

/** Milliseconds before a round after one that failed. */
export const RETRY_INTERVAL = 10_000

/** Kinds of block that say something about others. */
const EVIDENCE_KINDS = ['witness', 'inclusion', 'timeproof']

/** Stored blocks that are read, one page a round, and the ids to be judged anew for each. */
interface Reading {
  readonly blocks: AsyncIterator<StoredBlock>
  readonly idsOf: (block: VerifiedBlock) => readonly string[]
  /** Called when all those ids were judged anew. */
  readonly settle?: () => Promise<void>
  /** Nothing is left to read; what was found is judged by the end of the next round. */
  ended: boolean
  /** An id found no room to wait. */
  lost: boolean
}

/**
 * Judges stored blocks anew when evidence about them arrives or is erased, or when what is known of their authors changes.
 *
 * Invariants: (1) one round of at most `REGRADE_BATCH` blocks runs at a time, `REGRADE_INTERVAL` after the one before,
 * whatever arrives; (2) a block waits once, however much is said about it meanwhile; (3) nothing is forgotten: what finds no
 * room is found again by reading all evidence in the store, and the blocks of authors that are not settled, and so is what
 * an earlier run left undone; (4) nothing that is read keeps the rest waiting for longer than a page.
 */
export class Regrader {
  readonly #parts: RegraderParts
  readonly #pending = new Set<string>()
  /** What is being read, by turns. */
  #readings: Reading[] = []
  #watching = false
  #missed: boolean
  #failed = false
  #cancel: (() => void) | undefined
  #round: Promise<void> | undefined
  #stop: (() => void) | undefined
  #closed = false

  constructor(parts: RegraderParts) {
    this.#parts = parts
    this.#missed = parts.reader.usesEvidence !== false
  }

  /** Follows what is stored from now on, and reads what evidence there is already. */
  open(): void {
    this.#stop = this.#parts.ingest.on('stored', ({ blocks, erased }) => {
      for (const block of erased) this.#follow(block)
      this.#note(blocks)
    })
    this.wake()
  }

  /** Blocks that wait to be judged anew. */
  get pending(): number {
    return this.#pending.size
  }

  /** Whether a round is under way or will be. */
  get busy(): boolean {
    return this.#round !== undefined || this.#cancel !== undefined
  }

  /** There may be work for it: authors are due. */
  wake(): void {
    if (this.#hasWork) this.#schedule()
  }

  /** Resolves when the round under way has ended; none begins any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stop?.()
    this.#cancel?.()
    await this.#round
    for (const { blocks } of this.#readings) await blocks.return?.()
  }

  #note(stored: readonly StoredBlock[]): void {
    for (const each of stored) {
      const { block, admitted, code } = each
      // Its evidence, or what is known of its author, may have come while it was judged.
      if ((!admitted && awaitsEvidence(code)) || this.#parts.authors?.isStale(each)) this.#add(block.id)
      this.#follow(block)
    }
    this.wake()
  }

  get #hasWork(): boolean {
    return this.#pending.size > 0 || this.#readings.length > 0 || this.#missed || this.#parts.authors?.hasWork === true
  }

  #follow(evidence: VerifiedBlock): void {
    for (const id of this.#parts.reader.affectedBy(evidence)) {
      if (id !== evidence.id) this.#add(id)
      else if (this.#readings.length < MAX_BATCHES) this.#read(inclusionsOf(this.#parts.store, id))
      else this.#missed = true
    }
  }

  /** Whether there was room for it. */
  #add(id: string): boolean {
    if (this.#pending.size < MAX_PENDING || this.#pending.has(id)) {
      this.#pending.add(id)
      return true
    }
    this.#missed = true
    return false
  }

  /** Evidence to be read. */
  #read(blocks: AsyncIterator<StoredBlock>): void {
    // A batch's inclusions are in what is read, or were it already.
    const idsOf = (block: VerifiedBlock) => this.#parts.reader.affectedBy(block).filter(id => id !== block.id)
    this.#readings.push({ blocks, idsOf, ended: false, lost: false })
  }

  #schedule(): void {
    if (this.#closed || this.#cancel || this.#round) return
    const start = () => {
      this.#cancel = undefined
      this.#round = this.#work().finally(() => {
        this.#round = undefined
        this.wake()
      })
    }
    this.#cancel = this.#parts.timers.set(start, this.#failed ? RETRY_INTERVAL : REGRADE_INTERVAL, { unref: true })
  }

  async #work(): Promise<void> {
    const batch = [...this.#pending].slice(0, REGRADE_BATCH)
    for (const id of batch) this.#pending.delete(id)
    try {
      await this.#parts.ingest.regrade(batch)
      this.#parts.onRegrade?.(batch)
      if (batch.length < REGRADE_BATCH) await this.#turn()
      this.#failed = false
    } catch (error) {
      this.#readings = []
      this.#watching = false
      this.#missed = this.#failed = true
      this.#parts.authors?.reset()
      this.#parts.onError(error)
    }
  }

  /** The next page of what is to be read. All that waited when the round began was judged in it. */
  async #turn(): Promise<void> {
    await this.#begin()
    const reading = this.#readings.shift()
    if (!reading) return
    if (reading.ended) return this.#end(reading)
    this.#readings.push(reading)
    for (let i = 0; i < REGRADE_BATCH && !reading.ended; i++) {
      const { done, value } = await reading.blocks.next()
      if (done) reading.ended = true
      else for (const id of reading.idsOf((value as StoredBlock).block)) reading.lost = !this.#add(id) || reading.lost
    }
  }

  async #begin(): Promise<void> {
    const { store, authors } = this.#parts
    if (this.#missed && this.#readings.every(({ settle }) => settle)) {
      this.#missed = false
      this.#read(allEvidence(store))
    }
    if (this.#watching || !authors?.hasWork) return
    const due = await authors.next()
    if (!due) return
    this.#watching = true
    const settle = () => due.settle()
    this.#readings.push({
      ...{ blocks: allOf(store, due.blocks), idsOf: ({ id }) => [id], ended: false, lost: false },
      settle,
    })
  }

  async #end({ settle, lost }: Reading): Promise<void> {
    if (!settle) return
    this.#watching = false
    if (lost) this.#parts.authors?.reset()
    else await settle()
  }
}

async function* allEvidence(store: BlockStore): AsyncGenerator<StoredBlock> {
  for (const kind of EVIDENCE_KINDS) yield* store.query({ kind, admittedOnly: false })
}

/** A batch's witness may come after what proves that a block is in it. */
async function* inclusionsOf(store: BlockStore, witness: string): AsyncGenerator<StoredBlock> {
  yield* store.query({ kind: 'inclusion', about: witness, admittedOnly: false })
}

async function* allOf(store: BlockStore, due: DueBlocks['blocks']): AsyncGenerator<StoredBlock> {
  for (const query of due) yield* store.query({ ...query, admittedOnly: false })
}
