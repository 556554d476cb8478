import { amended, attempt, CosmicError } from '../base/index'
import type { BatchOperation, KeyValueStorage } from '../store/index'
import {
  decodeEntry,
  type DeferredBlock,
  type DeferredEntry,
  encodeEntry,
  entriesUntil,
  entryKey,
  everyEntry,
  sourceName,
} from './deferred-entry'
import { type DeferralBounds, DeferralRoom, LOCAL_SOURCE, type Waiting } from './deferral-room'

export interface DeferredQueueOptions extends Partial<DeferralBounds> {
  /** Told of each damaged entry, which is passed over: `storage` with the field `deferred`. */
  readonly onDamage?: (error: CosmicError) => void
}

const MiB = 1024 * 1024
/** What may wait, unless an agent says otherwise. */
export const DEFERRAL_BOUNDS: DeferralBounds = {
  maxCount: 4096,
  maxBytes: 32 * MiB,
  maxCountPerSource: 512,
  maxBytesPerSource: 4 * MiB,
}

/**
 * Opens the queue of blocks dated a little ahead of the clock. It survives restarts and holds no more than its bounds:
 * what arrives beyond them is not kept, and what waits already stays. Blocks that others bring cannot take the room of
 * this node's own, nor those of one source the room of all. Open the block store of the same storage first.
 */
export async function openDeferredQueue(
  storage: KeyValueStorage,
  options: DeferredQueueOptions = {},
): Promise<DeferredQueue> {
  const waiting = new Map<string, Waiting>()
  for await (const [key, value] of storage.range(everyEntry())) {
    const entry = attempt(() => decodeEntry(key, value))
    if (!entry.ok) options.onDamage?.(new CosmicError(amended(entry.error, { field: 'deferred' })))
    else waiting.set(entry.value.id, waitingFor(entry.value))
  }
  return new DeferredQueue(storage, waiting, { ...DEFERRAL_BOUNDS, ...options })
}

const waitingFor = ({ until, source, bytes }: DeferredEntry): Waiting => ({ until, source, size: bytes.length })

/**
 * 1. `#waiting` is what the storage holds, whole envelopes under their own ids; it changes only after a batch has, and one
 *    change at a time.
 * 2. What waits of each source, of all others together and of this node never exceeds its bounds.
 * 3. What is due goes to the ingest as long as the node runs, and leaves the queue once it has been judged.
 */
export class DeferredQueue {
  readonly #storage: KeyValueStorage
  readonly #waiting: Map<string, Waiting>
  readonly #bounds: DeferralBounds
  #changing: Promise<unknown> = Promise.resolve()

  constructor(storage: KeyValueStorage, waiting: Map<string, Waiting>, bounds: DeferralBounds) {
    this.#storage = storage
    this.#waiting = waiting
    this.#bounds = bounds
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

  /**
   * Keeps those for which `source` has room, in the order given, as one durable batch; answers the ids of those of them
   * that wait now. A block that waits already moves to its new time and stays whose it was.
   */
  add(blocks: readonly DeferredBlock[], source: string = LOCAL_SOURCE): Promise<ReadonlySet<string>> {
    const name = sourceName(source)
    return this.#change(after => {
      const operations: BatchOperation[] = []
      const kept = new Set<string>()
      const room = new DeferralRoom(name, after.values(), this.#bounds)
      for (const { id, until, bytes } of blocks) {
        const before = after.get(id)
        if (before === undefined && !room.take(bytes.length)) continue
        kept.add(id)
        if (before?.until === until) continue
        const entry = { id, until, bytes, source: before?.source ?? name }
        if (before) operations.push({ type: 'delete', key: entryKey(before.until, id) })
        operations.push({ type: 'put', key: entryKey(until, id), value: encodeEntry(entry.source, bytes) })
        after.set(id, waitingFor(entry))
      }
      return { operations, answer: kept }
    })
  }

  /** The blocks due at `now`, the earliest first. They wait on until removed. */
  async due(now: number): Promise<DeferredBlock[]> {
    const out: DeferredBlock[] = []
    for await (const [key, value] of this.#storage.range(entriesUntil(now))) {
      const entry = attempt(() => decodeEntry(key, value))
      if (entry.ok) out.push(entry.value)
    }
    return out
  }

  remove(ids: readonly string[]): Promise<void> {
    return this.#change(after => {
      const operations: BatchOperation[] = []
      for (const id of ids) {
        const before = after.get(id)
        if (before === undefined) continue
        operations.push({ type: 'delete', key: entryKey(before.until, id) })
        after.delete(id)
      }
      return { operations, answer: undefined }
    })
  }

  /** `plan` changes its copy of what waits and says what that means to the storage. */
  #change<T>(plan: (after: Map<string, Waiting>) => { operations: BatchOperation[]; answer: T }): Promise<T> {
    const done = this.#changing.then(async () => {
      const after = new Map(this.#waiting)
      const { operations, answer } = plan(after)
      if (operations.length === 0) return answer
      await this.#storage.batch(operations)
      this.#waiting.clear()
      for (const [id, waiting] of after) this.#waiting.set(id, waiting)
      return answer
    })
    this.#changing = done.catch(() => undefined)
    return done
  }
}
