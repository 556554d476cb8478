import { CosmicError, type Emitter } from '../base/index'
import type { Block } from '../block/index'
import type { ClientEvents } from './events'

/** All given conditions must hold; `tags` means every one of them. */
export interface BlockFilter {
  readonly kind?: string
  readonly author?: string
  readonly model?: string
  readonly tags?: readonly string[]
}

/** The most blocks that wait for a slow reader. Beyond it the subscription ends with `limit`, so that nothing is lost silently. */
export const MAX_WAITING_BLOCKS = 10_000

/** What `client.subscribe` answers: blocks by `for await` or `next`; `return` (also by `break`) ends it, whoever is waiting. */
export interface BlockStream {
  next(): Promise<IteratorResult<Block, undefined>>
  return(): Promise<IteratorResult<Block, undefined>>
  /** Of a stream that was given `after`, once its first block is here: goes on after the block handed out last. */
  readonly cursor?: string | undefined
  [Symbol.asyncIterator](): BlockStream
}

/** Where a stream begins and ends. */
export interface SubscribeOptions {
  /**
   * From which place of this agent's arrival log on: `start`, `now`, or the `cursor` of an earlier stream, also of an earlier
   * run. Then nothing is left out, however slowly it is read. Default: what is stored from now on.
   */
  readonly after?: 'start' | 'now' | (string & {})
  readonly signal?: AbortSignal
}

type Reader = (result: IteratorResult<Block, undefined>) => void

/**
 * The client's `block` events as one async iterator, listening from its making on. Several readers share its blocks.
 * `return` (also by `break`), the signal and the client's close end it, whoever is waiting.
 */
export class Subscription implements BlockStream {
  readonly #waiting: Block[] = []
  readonly #readers: Reader[] = []
  readonly #stops: (() => void)[]
  #ended = false
  #error: CosmicError | undefined

  constructor(events: Emitter<ClientEvents>, filter: BlockFilter, signal?: AbortSignal) {
    const onAbort = () => this.#end()
    signal?.addEventListener('abort', onAbort)
    this.#stops = [
      events.on('block', ({ block }) => matches(block, filter) && this.#take(block)),
      events.on('closed', () => this.#end()),
      () => signal?.removeEventListener('abort', onAbort),
    ]
    if (signal?.aborted) this.#end()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Block, undefined>> {
    const block = this.#waiting.shift()
    if (block) return Promise.resolve({ done: false, value: block })
    const error = this.#error
    this.#error = undefined
    if (error) return Promise.reject(error)
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise(resolve => this.#readers.push(resolve))
  }

  return(): Promise<IteratorResult<Block, undefined>> {
    this.#waiting.length = 0
    this.#end()
    return Promise.resolve({ done: true, value: undefined })
  }

  #take(block: Block): void {
    const reader = this.#readers.shift()
    if (reader) reader({ done: false, value: block })
    else if (this.#waiting.length < MAX_WAITING_BLOCKS) this.#waiting.push(block)
    else {
      this.#error = new CosmicError({
        code: 'limit',
        field: 'subscription',
        limit: MAX_WAITING_BLOCKS,
        hint: 'read faster',
      })
      this.#end()
    }
  }

  #end(): void {
    this.#ended = true
    for (const stop of this.#stops) stop()
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined })
  }
}

/** Whether a block meets every condition. */
export function matches(block: Block, { kind, author, model, tags }: BlockFilter): boolean {
  if (kind !== undefined && block.kind !== kind) return false
  if (author !== undefined && block.author !== author) return false
  if (model !== undefined && (block.opaque || block.kind !== 'embedding' || block.embedding.model !== model))
    return false
  return !tags || (!block.opaque && tags.every(tag => block.tags?.includes(tag)))
}
