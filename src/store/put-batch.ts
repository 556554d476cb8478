import { mapList } from '../base/index'
import type { Block } from '../block/index'
import type { ErasedBlock, PutBlock, PutOutcome, StoredBlock } from './block-store'
import type { Draft } from './draft'
import { digestOf } from './digest-of'
import { eraseHolding } from './erase-blocks'
import { type Holding, placedOf, readHoldings } from './holdings'
import { decodeIdEntry, type IdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey, idKey, recordKey } from './layout'
import type { LogReader } from './log-reader'
import { isIntact } from './record'
import { retracts } from './retractable'
import { retractedBy } from './retracted-by'
import { type Holding as Held, type PutState, type RetractionLimits, settlePut } from './settle-put'
import { COUNTED, expiryOf, termsOf } from './terms'
import { waitingFor } from './waiting'

/** What a batch is written with. */
export interface PutParts {
  readonly storage: KeyValueStorage
  readonly log: LogReader
  readonly draft: Draft
  readonly limits: RetractionLimits
}

/** What the store knows of the id of a block of the batch. */
interface Known {
  readonly digest: Uint8Array
  readonly entry: IdEntry | undefined
  /** Held already, and its record is whole. */
  readonly whole: boolean
}

/** Of a retraction nothing is there; what is damaged tells of nobody. */
const NOBODY = { kind: '', author: '' }

/**
 * Writes into a draft what `settlePut` decides of blocks.
 *
 * Invariants: (1) a retraction is stored like every block, whether or not it erases something; (2) one waits while the log
 * never had its block; (3) what is mended has a new place in the log, which readers that passed the old one come to.
 */
export class PutBatch {
  readonly added: StoredBlock[] = []
  readonly erased: ErasedBlock[] = []
  readonly #parts: PutParts
  readonly #known = new Map<string, Known>()
  /** Terms `retracts` of blocks of the batch whose retractions are held. */
  readonly #retracted = new Set<string>()
  /** Blocks of the batch that blocks held here are about. */
  readonly #spokenOf = new Set<string>()
  /** What retractions of the batch withdraw. */
  #targets: ReadonlyMap<string, Holding> = new Map()

  constructor(parts: PutParts) {
    this.#parts = parts
  }

  async write(blocks: readonly PutBlock[]): Promise<readonly PutOutcome[]> {
    await this.#read(blocks)
    const { outcomes, added, retracted, waiting } = settlePut(blocks, this.#state())
    const waits = new Set(waiting)
    const placed = mapList(added, stored => ({ stored, terms: termsOf(stored.block) }))
    await this.#parts.draft.load(placed.flatMap(({ terms }) => terms))
    for (const { stored, terms } of placed) {
      const more = this.#store(stored, terms, waits.has(stored.block.id))
      // Most blocks leave nothing to wait for.
      if (more) await more
    }
    for (const id of retracted) {
      const erased = await eraseHolding(this.#parts, this.#targets.get(id)!, 'retracted')
      if (erased) this.erased.push(erased)
    }
    return outcomes
  }

  async #read(blocks: readonly StoredBlock[]): Promise<void> {
    const { storage } = this.#parts
    const all = [...new Map(mapList(blocks, ({ block }) => [block.id, block])).values()]
    const digests = mapList(all, ({ id }) => digestOf(id)!)
    const values = await storage.getMany(mapList(digests, idKey))
    const entries = mapList(digests, (digest, i) => decodeIdEntry(digest, values[i]))
    const held = entries.flatMap((entry, i) => (entry?.state === 'held' ? [i] : []))
    const records = held.length > 0 ? await storage.getMany(held.map(i => recordKey(entries[i]!.seq))) : []
    const whole = new Set(held.filter((i, n) => records[n] && isIntact(records[n], digests[i]!)))
    for (const [i, { id }] of all.entries()) {
      this.#known.set(id, { digest: digests[i]!, entry: entries[i], whole: whole.has(i) })
    }
    await this.#readRetractions(all)
  }

  /** Which of these blocks are retracted already, and what is retracted by them. */
  async #readRetractions(blocks: readonly Block[]): Promise<void> {
    const { storage, draft } = this.#parts
    const retractions = blocks.filter(block => retractedBy(block) !== undefined)
    await draft.load(retractions.map(({ author }) => COUNTED.author + author))
    if (retractions.length > 0)
      this.#targets = await readHoldings(
        storage,
        retractions.map(block => retractedBy(block)!),
      )
    // Most stores hold none, and then no block need be looked up.
    if ((await storage.get(dictionaryKey(`${COUNTED.kind}retraction`))) === undefined) return
    const about = await storage.getMany(blocks.map(({ id }) => dictionaryKey(`W${id}`)))
    const spoken = blocks.filter((_, i) => about[i] !== undefined)
    for (const { id } of spoken) this.#spokenOf.add(id)
    const terms = spoken.map(({ id, author }) => retracts(id, author))
    const rows = await storage.getMany(terms.map(dictionaryKey))
    for (const [i, term] of terms.entries()) if (rows[i]) this.#retracted.add(term)
  }

  /** As it is before the batch. */
  #state(): PutState {
    const { draft, limits } = this.#parts
    return {
      limits,
      floor: draft.state.floor,
      held: id => this.#held(id),
      wasErased: id => this.#targets.get(id)?.entry.state === 'erased',
      isRetracted: (id, author) => this.#spokenOf.has(id) && this.#retracted.has(retracts(id, author)),
      waiting: author => (author === undefined ? draft.state.waiting : draft.row(COUNTED.author + author).waiting),
    }
  }

  #held(id: string): Held | undefined {
    const target = this.#targets.get(id)
    const of = target?.stored?.block ?? target?.stub ?? NOBODY
    const { entry, whole } = this.#known.get(id) ?? { entry: target?.entry, whole: target?.stored !== undefined }
    if (entry === undefined || entry.state === 'erased') return undefined
    return { state: entry.state === 'pruned' ? 'stub' : whole ? 'whole' : 'damaged', kind: of.kind, author: of.author }
  }

  #store(stored: StoredBlock, terms: readonly string[], waits: boolean): Promise<void> | undefined {
    const { draft } = this.#parts
    const { block, admitted, code } = stored
    const { digest, entry } = this.#known.get(block.id)!
    const mended = entry?.state === 'held' || entry?.state === 'lost' ? entry : undefined
    const arrival = { digest, time: block.time, expires: expiryOf(block), state: 'held' as const }
    if (mended?.state === 'held' || mended?.counted)
      draft.remove(placedOf({ block, admitted: mended.admitted }, digest, mended.seq))
    if (mended) draft.vacate(mended.seq)
    const seq = draft.log(arrival)
    const waited = entry?.waiting ?? false
    if (waits && !waited) draft.wait(block.author, 1)
    draft.id(digest, { seq, state: 'held', admitted, waiting: waits || waited })
    draft.add(
      code === undefined ? { block, admitted, digest, seq, terms } : { block, admitted, code, digest, seq, terms },
    )
    this.added.push(stored)
    return !entry && this.#spokenOf.has(block.id) ? this.#relieve(block.id) : undefined
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
}
