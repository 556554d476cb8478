import { type Clock, Emitter, equal, mapList, type Result, throwIfAborted } from '../base/index'
import { type Block, openToStore, type OpenedBlock, type VerifiedBlock } from '../block/index'
import { retractedBy, type BlockStore, type EraseReason, type PutBlock, type StoredBlock } from '../store/index'
import type { Verdict } from '../validate/index'
import type { DeferredQueue } from './deferred-queue'
import { GatheredReads } from './gathered-reads'
import { mapBounded } from './map-bounded'
import { isForStore, settle } from './settle'

/** Judges foreign bytes; `CosmicValidator` is one. */
export interface BlockValidator {
  validate(input: Uint8Array | Block): Promise<Verdict>
  /** The same of many envelopes that were taken apart already, in their order; without it `validate` does it anew. */
  validateOpened?(opened: readonly OpenedBlock[]): Promise<readonly Verdict[]>
  /** Judges a stored block anew; without it `validate` does. `stored` is false where it was refused for coming too late. */
  regrade?(block: VerifiedBlock, context: { readonly stored: boolean }): Promise<Verdict>
}

export interface IngestParts {
  readonly validator: BlockValidator
  readonly store: BlockStore
  readonly clock: Clock
  /** Where blocks dated up to a day ahead wait; without it none is kept. */
  readonly queue?: DeferredQueue
  /** Blocks verified at once (default 256). */
  readonly concurrency?: number
}

export interface IngestOptions {
  /** Who the blocks come from (default: this node itself, `LOCAL_SOURCE`); handed on with the event. */
  readonly source?: string
  /** Fires before the blocks are stored: none is. */
  readonly signal?: AbortSignal
  /** Blocks are verified at once and stored after this; where it rejects, none is, and the call rejects so. */
  readonly after?: Promise<unknown>
  /** Of the inputs, in their order, each made from its envelope by `cidOf`: they are not hashed again. */
  readonly ids?: readonly string[]
  /** Called with the id of each block that was not held before, once it is stored. */
  readonly onAdded?: (id: string) => void
}

/** Fewer are verified on the calling thread: the way to others takes longer. */
const MANY = 24

/** One batch that changed the store: the blocks that were new, in the order given, admitted or not. */
export interface Stored {
  readonly blocks: readonly StoredBlock[]
  /** What was held and is erased: withdrawn by a retraction among the new ones, expired, or removed by retention. */
  readonly erased: readonly VerifiedBlock[]
  readonly source?: string
}

/** The `source` of blocks whose time has come. */
export const DEFERRED_SOURCE = 'deferred'

/**
 * The one funnel: verify, store, announce. Every block, local, received or imported, enters the store here.
 *
 * @example
 * ```ts
 * const ingest = new Ingest({ validator: new CosmicValidator(), store, clock })
 * ingest.on('stored', ({ blocks, source }) => console.log(blocks.length, 'from', source))
 * const [verdict] = await ingest.ingest([bytes], { source: 'did:key:z6Mk…' })
 * ```
 */
export class Ingest {
  readonly #parts: IngestParts
  readonly #reads: GatheredReads
  readonly #events = new Emitter<{ stored: Stored }>()
  #isPinned = (_: Block) => false

  constructor(parts: IngestParts) {
    this.#parts = parts
    this.#reads = new GatheredReads(parts.store)
  }

  /** Called after each batch that added or erased something, once it is durable; the returned function stops it. */
  on(event: 'stored', listener: (stored: Stored) => void): () => void {
    return this.#events.on(event, listener)
  }

  /**
   * Judges every input and stores the valid ones, admitted or not, in one batch in the order given. Answers one verdict
   * per input: an invalid block affects no other. What is deferred by at most a day waits in the queue; where there is no
   * room for it, its verdict has the code `limit` and the field `deferred`. Not stored either, and valid without being
   * admitted, is what has `expired`, was `retracted` by its author, `pruned` here, or is dated `below-floor`; a retraction
   * that came before its target and finds no room is deferred with the code `limit` and the field `retractions`. Rejects
   * with `aborted`, and as the store does; then nothing was stored.
   */
  async ingest(
    inputs: readonly (Uint8Array | Block)[],
    { source, signal, after, ids, onAdded }: IngestOptions = {},
  ): Promise<Verdict[]> {
    const { store } = this.#parts
    const opened = mapList(inputs, (input, i) =>
      openToStore(input instanceof Uint8Array ? input : input.bytes, ids?.[i]),
    )
    const verdicts = await this.#judgeAll(inputs, opened, signal)
    await after
    throwIfAborted(signal)
    const now = this.#parts.clock.now()
    const blocks = verdicts.filter(verdict => isForStore(verdict, now)).flatMap(toStored)
    const targets = await this.#targetsOf(blocks)
    const outcomes =
      blocks.length > 0
        ? await store.put(
            mapList(blocks, stored => this.#marked(stored)),
            signal && { signal },
          )
        : []
    const answers = await this.#defer(settle(verdicts, outcomes, now), source)
    const fresh = blocks.filter((_, i) => outcomes[i] === 'added')
    if (onAdded) for (const { block } of fresh) onAdded(block.id)
    await this.#tell(fresh, targets, source)
    return answers
  }

  /** Has these blocks kept even below the declared floor: what retention never removes is not refused either. */
  pin(isPinned: (block: Block) => boolean): void {
    this.#isPinned = isPinned
  }

  #marked(stored: StoredBlock): PutBlock {
    return this.#isPinned(stored.block) ? { ...stored, pinned: true } : stored
  }

  /** Erases held blocks in one batch, and tells of it. Answers how many there were. Rejects as the store does. */
  async erase(ids: readonly string[], reason: EraseReason): Promise<number> {
    const { store } = this.#parts
    const held = (await store.getMany(ids)).flatMap(stored => (stored ? [stored.block] : []))
    const erased = await store.erase(ids, reason)
    await this.#tell([], held)
    return erased.length
  }

  /** The blocks that retractions among these withdraw, as far as they are held. */
  async #targetsOf(blocks: readonly StoredBlock[]): Promise<readonly VerifiedBlock[]> {
    const ids = blocks.flatMap(({ block }) => retractedBy(block) ?? [])
    if (ids.length === 0) return []
    return (await this.#parts.store.getMany(ids)).flatMap(stored => (stored ? [stored.block] : []))
  }

  /** `suspects` were held before. */
  async #tell(blocks: readonly StoredBlock[], suspects: readonly VerifiedBlock[], source?: string): Promise<void> {
    const held = suspects.length > 0 ? await this.#parts.store.has(suspects.map(({ id }) => id)) : []
    const erased = suspects.filter((_, i) => !held[i])
    if (blocks.length + erased.length === 0) return
    this.#events.emit('stored', { blocks, erased, ...(source !== undefined && { source }) })
  }

  /**
   * Judges stored blocks anew, by the clock and the evidence of now, and changes their admission in one batch. Answers the
   * ids of those whose judgement is another one; ids that are not held are passed over. Rejects as the store does.
   */
  async regrade(ids: readonly string[]): Promise<readonly string[]> {
    const { store, validator, concurrency = 256 } = this.#parts
    const held = (await store.getMany(ids)).filter(stored => stored !== undefined)
    const verdicts = await mapBounded(held, concurrency, ({ block, code }) =>
      validator.regrade ? validator.regrade(block, { stored: code !== 'revoked' }) : validator.validate(block),
    )
    const judged = verdicts.flatMap(toStored)
    return judged.length === 0
      ? []
      : store.judge(judged.map(({ block: { id }, ...judgement }) => ({ id, ...judgement })))
  }

  /** When the next deferred block is due, in milliseconds; `undefined` when none waits. */
  get nextDue(): number | undefined {
    return this.#parts.queue?.nextDue
  }

  /** Ingests the deferred blocks that are due. Call it at `nextDue`; answers their verdicts. */
  async releaseDue(now: number = this.#parts.clock.now()): Promise<Verdict[]> {
    const { queue } = this.#parts
    const due = (await queue?.due(now)) ?? []
    const verdicts = await this.ingest(
      due.map(({ bytes }) => bytes),
      { source: DEFERRED_SOURCE },
    )
    await queue?.remove(due.filter((_, i) => verdicts[i]!.status !== 'deferred').map(({ id }) => id))
    return verdicts
  }

  /** Queues what waits for its time; the verdict of what finds no room says so. */
  async #defer(verdicts: Verdict[], source: string | undefined): Promise<Verdict[]> {
    const waiting = verdicts.filter(waits)
    if (waiting.length === 0) return verdicts
    const blocks = waiting.map(({ block: { id, bytes }, until }) => ({ id, until, bytes }))
    const kept = await this.#parts.queue?.add(blocks, source)
    return verdicts.map(verdict => (waits(verdict) && !kept?.has(verdict.block.id) ? notKept(verdict) : verdict))
  }

  /**
   * Bytes that are stored already were verified when they came; any others are verified, also under a known id, whose
   * signature may be another one. The store keeps the first.
   */
  async #judgeAll(
    inputs: readonly (Uint8Array | Block)[],
    opened: readonly Result<OpenedBlock>[],
    signal: AbortSignal | undefined,
  ): Promise<Verdict[]> {
    const { validator, concurrency = 256 } = this.#parts
    const known = await this.#knownOf(opened)
    throwIfAborted(signal)
    const verdicts = mapList(opened, (each, i) => heldAs(each, known[i]))
    if (inputs.length >= MANY && validator.validateOpened) {
      const fresh = opened.flatMap((each, i) => (each.ok && !verdicts[i] ? [each.value] : []))
      const judged = await validator.validateOpened(fresh)
      let next = 0
      for (let i = 0; i < opened.length; i++) if (opened[i]!.ok) verdicts[i] ??= judged[next++]
    }
    const left = [...inputs.keys()].filter(i => verdicts[i] === undefined)
    await mapBounded(left, concurrency, async i => {
      throwIfAborted(signal)
      // Why it cannot be opened is for the validator to say.
      const each = opened[i]!
      verdicts[i] = await validator.validate(each.ok ? each.value.block.bytes : inputs[i]!)
    })
    return verdicts as Verdict[]
  }

  /** What is held under these ids, read at once. */
  #knownOf(opened: readonly Result<OpenedBlock>[]): Promise<readonly (StoredBlock | undefined)[]> {
    // A record that cannot be read is no reason to refuse the block; a store that fails says so at `put`.
    return this.#reads.getMany(mapList(opened, each => (each.ok ? each.value.block.id : '')))
  }
}

/** What was judged before of these very bytes. */
function heldAs(opened: Result<OpenedBlock>, known: StoredBlock | undefined): Verdict | undefined {
  if (known === undefined || !opened.ok || !equal(known.block.bytes, opened.value.block.bytes)) return undefined
  return verdictOf(known)
}

/** What was judged before, without the steps that led there. */
function verdictOf({ block, admitted, code = 'policy' }: StoredBlock): Verdict {
  const explained = {
    checks: [
      { name: 'signature', status: 'skipped', detail: 'these bytes were verified when they were stored' },
    ] as const,
    grades: {},
    summary: admitted ? 'Already stored and admitted.' : `Already stored, not admitted (${code}).`,
  }
  return admitted
    ? { status: 'valid', block, admitted, ...explained }
    : { status: 'valid', block, admitted, code, ...explained }
}

function toStored(verdict: Verdict): StoredBlock[] {
  if (verdict.status !== 'valid') return []
  const { block, admitted } = verdict
  return [admitted ? { block, admitted } : { block, admitted, code: verdict.code }]
}

type Deferral = Verdict & { readonly status: 'deferred' }

/** A deferral with a code is too far ahead to be kept. */
function waits(verdict: Verdict): verdict is Deferral {
  return verdict.status === 'deferred' && verdict.code === undefined
}

function notKept(verdict: Deferral): Verdict {
  const summary = `${verdict.summary} It is not kept until then: too many blocks wait already.`
  return { ...verdict, code: 'limit', field: 'deferred', summary }
}
