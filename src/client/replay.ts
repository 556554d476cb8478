import { CosmicError, type Emitter, fromHex, toHex } from '../base/index'
import type { Block } from '../block/index'
import { digestOf, nextChain, type BlockStore, type LogCursor, type LogEntry, type StoredBlock } from '../store/index'
import type { ClientEvents } from './events'
import type { Running } from './running'
import { type BlockFilter, type BlockStream, matches, MAX_WAITING_BLOCKS, type SubscribeOptions } from './subscription'

/** Entries of the log that are read at once: 16 MiB of blocks at most. */
const PAGE = 64

export interface ReplayParts {
  readonly store: Pick<BlockStore, 'log' | 'position' | 'getMany' | 'onChange'>
  readonly admits: (stored: StoredBlock) => Promise<boolean>
  readonly events: Emitter<ClientEvents>
}

/**
 * The blocks that came into the store after a place of its arrival log, then those that come, in the order of their coming.
 *
 * 1. Every block that passes and that the log has up to `cursor` was handed out, or was not admitted when its turn came.
 * 2. What is admitted later is handed out when it is admitted, as long as the stream is open; no block twice for one admission.
 * 3. Nothing waits in memory but one page and what was admitted late.
 */
export class Replay implements BlockStream {
  readonly #parts: ReplayParts
  readonly #filter: BlockFilter
  readonly #stops: (() => void)[]
  readonly #late: StoredBlock[] = []
  /** Handed out late, and perhaps still to come in the log. */
  readonly #early = new Set<string>()
  /** Of the page that was read last, what was not handed out. */
  #page: { readonly entry: LogEntry; readonly stored: StoredBlock | undefined }[] = []
  /** The last place whose chain is known, and the entry that was dealt with last: after a gap, one that lies further on. */
  #place: LogCursor
  #at: number
  #turn: Promise<unknown> = Promise.resolve()
  #hasNews = true
  #wake = () => {}
  #ended = false
  #error: CosmicError | undefined

  private constructor(parts: ReplayParts, filter: BlockFilter, place: LogCursor, signal?: AbortSignal) {
    this.#parts = parts
    this.#filter = filter
    this.#place = place
    this.#at = place.seq
    const end = () => this.#end()
    signal?.addEventListener('abort', end)
    this.#stops = [
      parts.store.onChange(({ added, judged }) => {
        if (added.length > 0) this.#news()
        for (const stored of judged) this.#takeLate(stored)
      }),
      parts.events.on('closed', end),
      () => signal?.removeEventListener('abort', end),
    ]
    if (signal?.aborted) end()
  }

  /** Rejects with `bad-cursor` for what is no cursor, and `stale-cursor` for one of another log. */
  static async open(
    parts: ReplayParts,
    filter: BlockFilter,
    { after = 'now', signal }: SubscribeOptions,
  ): Promise<Replay> {
    const end = await parts.store.position()
    const place =
      after === 'now' ? end : after === 'start' ? { ...end, seq: 0, chain: '0'.repeat(32) } : read(after, end)
    const replay = new Replay(parts, filter, place, signal)
    try {
      await replay.#read()
    } catch (error) {
      replay.#end()
      throw error
    }
    return replay
  }

  get cursor(): string {
    return `${this.#place.seq}.${this.#place.chain}`
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** One reader after the other. */
  next(): Promise<IteratorResult<Block, undefined>> {
    const turn = this.#turn.then(() => this.#take()).catch((error: unknown) => this.#stop(error))
    this.#turn = turn.catch(() => {})
    return turn
  }

  return(): Promise<IteratorResult<Block, undefined>> {
    this.#end()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** A store that closes ends the stream as the client's end does. */
  #stop(error: unknown): IteratorResult<Block, undefined> {
    this.#end()
    if (error instanceof CosmicError && error.code === 'closed') return { done: true, value: undefined }
    throw error
  }

  async #take(): Promise<IteratorResult<Block, undefined>> {
    while (!this.#ended) {
      const block = (await this.#fromLate()) ?? (await this.#fromPage())
      if (this.#ended) break
      if (block) return { done: false, value: block }
      if (this.#page.length > 0 || (await this.#read())) continue
      if (!this.#hasNews && this.#late.length === 0) await new Promise<void>(resolve => (this.#wake = resolve))
    }
    const error = this.#error
    this.#error = undefined
    if (error) throw error
    return { done: true, value: undefined }
  }

  async #fromLate(): Promise<Block | undefined> {
    for (let next = this.#late.shift(); next; next = this.#late.shift()) {
      this.#early.add(next.block.id)
      if (await this.#parts.admits(next)) return next.block
    }
    return undefined
  }

  /** The next block of the page that passes; `undefined` when the page has no more. */
  async #fromPage(): Promise<Block | undefined> {
    for (let next = this.#page.shift(); next; next = this.#page.shift()) {
      this.#pass(next.entry)
      const { stored } = next
      if (!stored || !matches(stored.block, this.#filter) || this.#early.delete(stored.block.id)) continue
      if (await this.#parts.admits(stored)) return stored.block
    }
    return undefined
  }

  /** The entry is dealt with. After one that is damaged the chain is not known before the end of the log. */
  #pass({ seq, id }: LogEntry): void {
    this.#at = seq
    if (seq !== this.#place.seq + 1) return
    const chain = nextChain(fromHex(this.#place.chain)!, digestOf(id)!)
    this.#place = { ...this.#place, seq, chain: toHex(chain) }
  }

  /** The next page; false at the end of the log. */
  async #read(): Promise<boolean> {
    const { store } = this.#parts
    this.#hasNews = false
    // An epoch that was renewed meanwhile leaves places as they are; the chain is what is compared.
    const end = await store.position()
    const after = this.#at === this.#place.seq ? { ...this.#place, epoch: end.epoch } : this.#at
    const entries: LogEntry[] = []
    for await (const entry of store.log({ after, limit: PAGE })) entries.push(entry)
    if (entries.length === 0) this.#reach(end)
    // What came again, after it was erased or damaged, has a later place.
    const held = entries.filter(({ state }) => state === 'held').map(({ id }) => id)
    const stored = new Map((await store.getMany(held)).flatMap(each => (each ? [[each.block.id, each]] : [])))
    this.#page = entries.map(entry => ({ entry, stored: entry.state === 'held' ? stored.get(entry.id) : undefined }))
    return entries.length > 0
  }

  #reach(end: LogCursor): void {
    if (end.seq >= this.#at) {
      this.#place = end
      this.#at = end.seq
    }
    this.#early.clear()
  }

  #news(): void {
    this.#hasNews = true
    this.#wake()
  }

  /** What is admitted now may have been passed over in the log. */
  #takeLate(stored: StoredBlock): void {
    if (!stored.admitted || !matches(stored.block, this.#filter)) return
    if (this.#late.length >= MAX_WAITING_BLOCKS) {
      const hint = 'read faster'
      this.#error = new CosmicError({ code: 'limit', field: 'subscription', limit: MAX_WAITING_BLOCKS, hint })
      return this.#end()
    }
    this.#late.push(stored)
    this.#wake()
  }

  #end(): void {
    this.#ended = true
    for (const stop of this.#stops) stop()
    this.#wake()
  }
}

export function openReplay(
  { store, verdicts }: Running,
  events: Emitter<ClientEvents>,
  filter: BlockFilter,
  options: SubscribeOptions,
): Promise<BlockStream> {
  return Replay.open({ store, events, admits: stored => verdicts.admits(stored) }, filter, options)
}

function read(cursor: string, { epoch }: LogCursor): LogCursor {
  const [, seq, chain] = /^(\d{1,15})\.([0-9a-f]{32})$/.exec(cursor) ?? []
  if (seq === undefined || chain === undefined)
    throw new CosmicError({ code: 'bad-cursor', field: 'after', hint: '`start`, `now`, or the cursor of a stream' })
  return { epoch, seq: Number(seq), chain }
}
