import type { Timers } from '../base/index'
import type { VerifiedBlock } from '../block/index'
import type { BlockStore, StoredBlock } from '../store/index'
import { awaitsEvidence } from '../validate/index'
import type { Ingest } from './ingest'

/** Tells which blocks may be judged otherwise now that another is here; `CosmicValidator` does. */
export interface EvidenceReader {
  /** Ids of the blocks whose verdict this block may change: none unless the policy counts on its author. */
  affectedBy(evidence: VerifiedBlock): readonly string[]
  /** False when no block ever affects another (default true). */
  readonly usesEvidence?: boolean
}

export interface RegraderParts {
  readonly ingest: Ingest
  readonly store: BlockStore
  readonly reader: EvidenceReader
  readonly timers: Timers
  /** What no call waits for: a store that fails. The blocks at hand are judged anew later. */
  readonly onError: (error: unknown) => void
  /** Told which blocks were judged anew, whatever came of it. */
  readonly onRegrade?: (ids: readonly string[]) => void
}

/** Milliseconds between two rounds of work, and the most blocks that one judges anew. */
export const REGRADE_INTERVAL = 50
export const REGRADE_BATCH = 64
/** The most blocks that wait to be judged anew; beyond it the evidence itself is read again. */
export const MAX_PENDING = 10_000

/** The most batches whose inclusions wait to be read. */
const MAX_BATCHES = 256

/** Milliseconds before a round after one that failed. */
export const RETRY_INTERVAL = 10_000

/** Kinds of block that say something about others. */
const EVIDENCE_KINDS = ['witness', 'inclusion', 'timeproof']

/**
 * Judges stored blocks anew when evidence about them arrives, or is erased.
 *
 * Invariants: (1) one round of at most `REGRADE_BATCH` blocks runs at a time, `REGRADE_INTERVAL` after the one before,
 * whatever arrives; (2) a block waits once, however much evidence about it arrives meanwhile; (3) nothing is forgotten:
 * what finds no room is found again by reading all evidence in the store, and so is what an earlier run left undone.
 */
export class Regrader {
  readonly #parts: RegraderParts
  readonly #pending = new Set<string>()
  /** Evidence to be read again, one page a round, the first first. */
  #reading: AsyncIterator<StoredBlock>[] = []
  #missed = true
  #failed = false
  #cancel: (() => void) | undefined
  #round: Promise<void> | undefined
  #stop: (() => void) | undefined
  #closed = false

  constructor(parts: RegraderParts) {
    this.#parts = parts
  }

  /** Follows what is stored from now on, and reads what evidence there is already. */
  open(): void {
    this.#stop = this.#parts.ingest.on('stored', ({ blocks, erased }) => {
      for (const block of erased) this.#follow(block)
      this.#note(blocks)
    })
    this.#schedule()
  }

  /** Blocks that wait to be judged anew. */
  get pending(): number {
    return this.#pending.size
  }

  /** Resolves when the round under way has ended; none begins any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stop?.()
    this.#cancel?.()
    await this.#round
    for (const reading of this.#reading) await reading.return?.()
  }

  #note(blocks: readonly StoredBlock[]): void {
    for (const { block, admitted, code } of blocks) {
      // Its evidence may have been stored while it was judged.
      if (!admitted && awaitsEvidence(code)) this.#add(block.id)
      this.#follow(block)
    }
    if (this.#hasWork) this.#schedule()
  }

  get #hasWork(): boolean {
    return this.#pending.size > 0 || this.#reading.length > 0 || this.#missed
  }

  #follow(evidence: VerifiedBlock): void {
    for (const id of this.#parts.reader.affectedBy(evidence)) {
      if (id !== evidence.id) this.#add(id)
      else if (this.#reading.length < MAX_BATCHES) this.#reading.push(inclusionsOf(this.#parts.store, id))
      else this.#missed = true
    }
  }

  #add(id: string): void {
    if (this.#pending.size < MAX_PENDING) this.#pending.add(id)
    else if (!this.#pending.has(id)) this.#missed = true
  }

  #schedule(): void {
    if (this.#closed || this.#cancel || this.#round) return
    const start = () => {
      this.#cancel = undefined
      this.#round = this.#work().finally(() => {
        this.#round = undefined
        if (this.#hasWork) this.#schedule()
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
      if (batch.length < REGRADE_BATCH) await this.#read()
      this.#failed = false
    } catch (error) {
      this.#reading = []
      this.#missed = this.#failed = true
      this.#parts.onError(error)
    }
  }

  /** The next page of the evidence to be read again. */
  async #read(): Promise<void> {
    if (this.#reading.length === 0) {
      if (!this.#missed) return
      this.#missed = false
      this.#reading.push(allEvidence(this.#parts.store))
    }
    const [reading] = this.#reading
    for (let i = 0; i < REGRADE_BATCH; i++) {
      const { done, value } = await reading!.next()
      if (done) return void this.#reading.shift()
      const { block } = value as StoredBlock
      // A batch's inclusions are in what is read, or were it already.
      for (const id of this.#parts.reader.affectedBy(block)) if (id !== block.id) this.#add(id)
    }
  }
}

async function* allEvidence(store: BlockStore): AsyncGenerator<StoredBlock> {
  for (const kind of EVIDENCE_KINDS) yield* store.query({ kind, admittedOnly: false })
}

/** A batch's witness may come after what proves that a block is in it. */
async function* inclusionsOf(store: BlockStore, witness: string): AsyncGenerator<StoredBlock> {
  yield* store.query({ kind: 'inclusion', about: witness, admittedOnly: false })
}
