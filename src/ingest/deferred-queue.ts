import { concat, utf8 } from '../base/index'
import { type BatchOperation, type KeyValueStorage, readUint64, uint64 } from '../store/index'

/** A verified block that waits for its time. */
export interface DeferredBlock {
  readonly id: string
  /** When it is due, in milliseconds. */
  readonly until: number
  readonly bytes: Uint8Array
}

export interface DeferredQueueOptions {
  /** Most blocks that wait (default 4,096). */
  readonly maxCount?: number
  /** Most envelope bytes that wait (default 32 MiB). */
  readonly maxBytes?: number
}

/** `q`, due time (8 bytes, big-endian), id → envelope: a space of its own in a storage that a block store may share. */
const SPACE = utf8('q')
const SPACE_END = utf8('r')
const ID_OFFSET = SPACE.length + 8

interface Waiting {
  readonly until: number
  readonly size: number
}

const keyOf = (until: number, id: string) => concat(SPACE, uint64(until), utf8(id))

/**
 * Opens the queue of blocks dated a little ahead of the clock. It survives restarts and holds no more than its bounds:
 * what arrives beyond them is not kept, and what waits already stays. Open the block store of the same storage first.
 */
export async function openDeferredQueue(
  storage: KeyValueStorage,
  options: DeferredQueueOptions = {},
): Promise<DeferredQueue> {
  const waiting = new Map<string, Waiting>()
  for await (const [key, bytes] of storage.range({ gte: SPACE, lt: SPACE_END })) {
    waiting.set(String.fromCharCode(...key.subarray(ID_OFFSET)), {
      until: readUint64(key, SPACE.length),
      size: bytes.length,
    })
  }
  return new DeferredQueue(storage, waiting, options)
}

/** Invariant: `#waiting` is what the storage holds; it changes only after a batch has, and one change at a time. */
export class DeferredQueue {
  readonly #storage: KeyValueStorage
  readonly #waiting: Map<string, Waiting>
  readonly #maxCount: number
  readonly #maxBytes: number
  #changing: Promise<unknown> = Promise.resolve()

  constructor(storage: KeyValueStorage, waiting: Map<string, Waiting>, options: DeferredQueueOptions) {
    this.#storage = storage
    this.#waiting = waiting
    this.#maxCount = options.maxCount ?? 4096
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024
  }

  get count(): number {
    return this.#waiting.size
  }

  get bytes(): number {
    let sum = 0
    for (const { size } of this.#waiting.values()) sum += size
    return sum
  }

  /** When the next block is due; `undefined` when none waits. */
  get nextDue(): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.min(...Array.from(this.#waiting.values(), ({ until }) => until))
  }

  /** Keeps those for which there is room, in the order given, as one durable batch. A block that waits already moves to its new time. */
  add(blocks: readonly DeferredBlock[]): Promise<void> {
    return this.#change(() => {
      const after = new Map(this.#waiting)
      const operations: BatchOperation[] = []
      let free = this.#maxBytes - this.bytes
      for (const { id, until, bytes } of blocks) {
        const before = after.get(id)
        if (before?.until === until) continue
        if (before === undefined && (after.size >= this.#maxCount || bytes.length > free)) continue
        if (before === undefined) free -= bytes.length
        else operations.push({ type: 'delete', key: keyOf(before.until, id) })
        operations.push({ type: 'put', key: keyOf(until, id), value: bytes })
        after.set(id, { until, size: bytes.length })
      }
      return { operations, after }
    })
  }

  /** The blocks due at `now`, the earliest first. They wait on until removed. */
  async due(now: number): Promise<DeferredBlock[]> {
    const out: DeferredBlock[] = []
    for await (const [key, bytes] of this.#storage.range({
      gte: SPACE,
      lt: concat(SPACE, uint64(Math.floor(now) + 1)),
    })) {
      out.push({ id: String.fromCharCode(...key.subarray(ID_OFFSET)), until: readUint64(key, SPACE.length), bytes })
    }
    return out
  }

  remove(ids: readonly string[]): Promise<void> {
    return this.#change(() => {
      const after = new Map(this.#waiting)
      const operations: BatchOperation[] = []
      for (const id of ids) {
        const before = after.get(id)
        if (before === undefined) continue
        operations.push({ type: 'delete', key: keyOf(before.until, id) })
        after.delete(id)
      }
      return { operations, after }
    })
  }

  #change(plan: () => { operations: BatchOperation[]; after: Map<string, Waiting> }): Promise<void> {
    const done = this.#changing.then(async () => {
      const { operations, after } = plan()
      if (operations.length === 0) return
      await this.#storage.batch(operations)
      this.#waiting.clear()
      for (const [id, waiting] of after) this.#waiting.set(id, waiting)
    })
    this.#changing = done.catch(() => undefined)
    return done
  }
}
