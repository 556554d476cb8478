import type { Block } from '../block/index'
import type { ErasedBlock, PutOutcome, StoredBlock } from './block-store'
import type { Draft } from './draft'
import { digestOf } from './digest-of'
import { type Holding, placedOf, readHoldings } from './holdings'
import { decodeIdEntry, type IdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey, idKey, recordKey } from './layout'
import type { LogReader } from './log-reader'
import { eraseHolding } from './erase-blocks'
import { isIntact } from './record'
import { COUNTED, expiryOf, isRetractable, retracts, termsOf } from './terms'
import { waitingFor } from './waiting'

/** How many retractions may wait for a block that is not here. */
export interface RetractionQuota {
  readonly all: number
  readonly perAuthor: number
}

/** What a batch is written with. */
export interface PutParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly draft: Draft
  readonly quota: RetractionQuota
}

/** A distinct block of the batch, and what the store knows of its id. */
interface Candidate {
  readonly stored: StoredBlock
  readonly digest: Uint8Array
  readonly entry: IdEntry | undefined
  /** Held already, and its record is whole. */
  readonly whole: boolean
  outcome?: PutOutcome
  waiting?: boolean
  /** Of one that is added. */
  terms: readonly string[]
}

/**
 * Decides what becomes of blocks, and writes it into a draft.
 *
 * Invariants: (1) retractions are decided before all others, so that it does not matter in which order a block and its
 * retraction come; (2) a retraction is stored like every block, whether or not it erases something; (3) one waits while
 * the log never had its block; (4) what is mended keeps its place in the log.
 */
export class PutBatch {
  readonly added: StoredBlock[] = []
  readonly erased: ErasedBlock[] = []
  readonly #parts: PutParts
  readonly #candidates = new Map<string, Candidate>()
  /** Terms `retracts` of retractions that are stored, or in this batch. */
  readonly #retracted = new Set<string>()
  /** What is said about blocks of this batch by blocks that are held. */
  readonly #spokenOf = new Set<string>()
  #targets = new Map<string, Holding>()

  constructor(parts: PutParts) {
    this.#parts = parts
  }

  async write(blocks: readonly StoredBlock[]): Promise<PutOutcome[]> {
    await this.#read(blocks)
    const all = [...this.#candidates.values()]
    for (const each of all.filter(isRetraction)) await this.#decideRetraction(each)
    for (const each of all) each.outcome ??= this.#decide(each)
    const added = all.filter(({ outcome }) => outcome === 'added')
    for (const each of added) each.terms = termsOf(each.stored.block)
    await this.#parts.draft.load(added.flatMap(({ terms }) => terms))
    for (const each of added) {
      const more = this.#store(each)
      // Most blocks leave nothing to wait for.
      if (more) await more
    }
    return this.#answers(blocks)
  }

  #answers(blocks: readonly StoredBlock[]): PutOutcome[] {
    const met = new Set<string>()
    return blocks.map(({ block: { id } }) => {
      const outcome = this.#candidates.get(id)!.outcome!
      if (outcome !== 'added' || !met.has(id)) return (met.add(id), outcome)
      return 'known'
    })
  }

  async #read(blocks: readonly StoredBlock[]): Promise<void> {
    const { storage } = this.#parts
    const distinct = new Map<string, StoredBlock>()
    for (const stored of blocks) if (!distinct.has(stored.block.id)) distinct.set(stored.block.id, stored)
    const all = [...distinct.values()]
    const digests = all.map(({ block }) => digestOf(block.id)!)
    const found = await storage.getMany([
      ...digests.map(idKey),
      ...all.map(({ block }) => dictionaryKey(`W${block.id}`)),
    ])
    const entries = digests.map((digest, i) => decodeIdEntry(digest, found[i]))
    const held = entries.flatMap((entry, i) => (entry?.state === 'held' ? [i] : []))
    const records = await storage.getMany(held.map(i => recordKey(entries[i]!.seq)))
    const whole = new Set(held.filter((i, n) => records[n] && isIntact(records[n], digests[i]!)))
    for (const [i, stored] of all.entries()) {
      this.#candidates.set(stored.block.id, {
        stored,
        digest: digests[i]!,
        entry: entries[i],
        whole: whole.has(i),
        terms: [],
      })
      if (found[all.length + i]) this.#spokenOf.add(stored.block.id)
    }
    await this.#readRetractions(all.map(({ block }) => block))
  }

  /** Which of these blocks are retracted already, and what is retracted by them. */
  async #readRetractions(blocks: readonly Block[]): Promise<void> {
    const { storage } = this.#parts
    const terms = blocks.filter(({ id }) => this.#spokenOf.has(id)).map(({ id, author }) => retracts(id, author))
    const rows = await storage.getMany(terms.map(dictionaryKey))
    for (const [i, term] of terms.entries()) if (rows[i]) this.#retracted.add(term)
    const targets = blocks.flatMap(block => targetOf(block) ?? [])
    if (targets.length > 0) this.#targets = await readHoldings(storage, targets)
  }

  #decide({ stored: { block }, entry, whole }: Candidate): PutOutcome {
    if (whole) return 'known'
    if (entry?.state === 'pruned') return 'pruned'
    if (block.time < this.#parts.draft.state.floor) return 'below-floor'
    return isRetractable(block) && this.#retracted.has(retracts(block.id, block.author)) ? 'retracted' : 'added'
  }

  async #decideRetraction(candidate: Candidate): Promise<void> {
    const { draft, quota } = this.#parts
    const { block } = candidate.stored
    candidate.outcome = this.#decide(candidate)
    if (candidate.outcome !== 'added') return
    const target = targetOf(block)!
    if (!this.#targets.has(target) && !this.#isInert(target, block.author) && candidate.entry === undefined) {
      const author = COUNTED.author + block.author
      await draft.load([author])
      if (draft.state.waiting >= quota.all || draft.row(author).waiting >= quota.perAuthor) {
        candidate.outcome = 'quota'
        return
      }
      draft.wait(block.author, 1)
      candidate.waiting = true
    }
    this.#retracted.add(retracts(target, block.author))
  }

  /** Whether its block comes in this very batch, and stays. */
  #isInert(target: string, author: string): boolean {
    const block = this.#candidates.get(target)?.stored.block
    if (block === undefined || block.time < this.#parts.draft.state.floor) return false
    return block.author !== author || !isRetractable(block)
  }

  #store(candidate: Candidate): Promise<void> | undefined {
    const { draft } = this.#parts
    const { stored, digest, entry, terms, waiting = entry?.waiting ?? false } = candidate
    const { block, admitted } = stored
    const mended = entry?.state === 'held' || entry?.state === 'lost' ? entry : undefined
    const arrival = { digest, time: block.time, expires: expiryOf(block), state: 'held' as const }
    const seq = mended?.seq ?? draft.log(arrival)
    if (mended?.state === 'held' || mended?.counted)
      draft.remove(placedOf({ block, admitted: mended.admitted }, digest, seq))
    // Where the log was damaged with the record, it has no times any more.
    if (mended?.state === 'lost') draft.mark(seq, arrival)
    draft.id(digest, { seq, state: 'held', admitted, waiting })
    draft.add({ ...stored, digest, seq, terms })
    this.added.push(stored)
    const relieves = !entry && this.#spokenOf.has(block.id)
    return relieves || targetOf(block) !== undefined ? this.#settle(block, relieves) : undefined
  }

  async #settle(block: Block, relieves: boolean): Promise<void> {
    if (relieves) await this.#relieve(block.id)
    const target = targetOf(block)
    if (target !== undefined) await this.#erase(target, block.author)
  }

  /** The block is here: retractions of it by others wait no more. */
  async #relieve(id: string): Promise<void> {
    const { storage, log, draft } = this.#parts
    for (const { author, digest, entry } of await waitingFor(storage, log, id)) {
      await draft.load([COUNTED.author + author])
      draft.wait(author, -1)
      draft.id(digest, { ...entry, waiting: false })
    }
  }

  /** Takes out what a retraction is about, when it is its author's. */
  async #erase(target: string, author: string): Promise<void> {
    const holding = this.#targets.get(target)
    const of = holding?.stored?.block ?? holding?.stub
    if (!holding || !of || of.author !== author || !isRetractable(of)) return
    this.#targets.delete(target)
    const erased = await eraseHolding(this.#parts, holding, 'retracted')
    if (erased) this.erased.push(erased)
  }
}

const isRetraction = ({ stored: { block } }: Candidate) => targetOf(block) !== undefined

/** What a retraction is about. */
function targetOf(block: Block): string | undefined {
  return !block.opaque && block.kind === 'retraction' ? block.retraction.block : undefined
}
