import { CosmicError, throwIfAborted } from '../base/index'
import {
  type BatchOperation,
  type CompactionOptions,
  checkBatch,
  checkKeys,
  checkRange,
  type Entry,
  type KeyValueStorage,
  type RangeOptions,
  SortedChunks,
} from '../store/index'
import type { Scheduler } from './scheduler'
import type { SeededRandom } from './seeded-random'

/** A process that uses a disk. What it asks for after its end is never answered. */
export interface DiskUser {
  readonly alive: boolean
}

/** How a disk behaves. Times are milliseconds. */
export interface DiskConditions {
  readonly read: readonly [least: number, most: number]
  readonly write: readonly [least: number, most: number]
  /** Chance of a call to fail with `storage`. */
  readonly failure: number
  /** No room: batches that put anything fail. */
  readonly full: boolean
  /** What was deleted or replaced stays in its files until `compact` clears it, as in engines that have it (default: false). */
  readonly leftovers: boolean
  /** What of its promises a crash breaks (default: nothing). */
  readonly breaks: BrokenPromise
}

/**
 * What an adapter that breaks its port does at a crash: it leaves a part of the batch that was being written, or loses some of
 * the last that it acknowledged.
 */
export type BrokenPromise = (typeof BROKEN_PROMISES)[number]
export const BROKEN_PROMISES = ['nothing', 'atomicity', 'durability'] as const

interface Write {
  readonly operations: readonly BatchOperation[]
  commit(): void
  fail(error: unknown): void
}

/** Leftovers that one bounded step of a compaction clears. */
const TIDIED = 200

/** Acknowledged batches that a crash may lose where durability is broken. */
const MOST_LOST = 8

/**
 * A disk that outlives processes, below the promises of `KeyValueStorage`: a batch is atomic, and durable once it was
 * acknowledged. What those leave open is simulated: of a write that was torn by a crash, and of those behind it, the adapter
 * finds nothing when it opens its files again, so that batches under way happened or did not, in the order in which they were
 * given, each as a whole; one may be durable and its process never hear of it. `breaks` is for adapters that do not keep
 * their promises, which the oracles must find out.
 */
export class SimulatedDisk {
  /** Everything durable, immutable: a backup is a reference. */
  image = SortedChunks.empty
  conditions: DiskConditions = {
    read: [0, 0],
    write: [0, 0],
    failure: 0,
    full: false,
    leftovers: false,
    breaks: 'nothing',
  }
  /** Values that were deleted or replaced and are still in its files, the oldest first. */
  readonly leftovers: Uint8Array[] = []
  /** Called when a batch is about to become durable, and when it has; a crash may follow either. */
  onWrite: ((moment: 'before' | 'after') => void) | undefined
  writes = 0
  /** When a call last failed or found no room, in virtual milliseconds. */
  failedAt = -Infinity
  readonly #scheduler: Scheduler
  readonly #random: SeededRandom
  #pending: Write[] = []
  /** Leftovers that the compaction under way has cleared. */
  #tidied = 0
  /** Images before the last batches, the oldest first, where durability is broken. */
  #before: SortedChunks[] = []

  constructor(scheduler: Scheduler, random: SeededRandom) {
    this.#scheduler = scheduler
    this.#random = random
  }

  /** The storage as one process sees it. */
  open(user: DiskUser): KeyValueStorage {
    return new DiskStorage(this, user)
  }

  /** The process is gone: of the batches under way the first so many are durable, unless promises are broken. */
  crash(): void {
    const { breaks } = this.conditions
    const pending = this.#pending.splice(0).map(({ operations }) => operations)
    const survivors = this.#random.below(pending.length + 1)
    for (const operations of pending.slice(0, survivors)) this.#apply(operations)
    const torn = pending[survivors]
    if (breaks === 'atomicity' && torn) this.#apply(torn.filter(() => this.#random.chance(0.5)))
    const lost = this.#random.fork(`lost/${this.writes}`).below(this.#before.length + 1)
    if (breaks === 'durability' && lost > 0) this.image = this.#before.at(-lost)!
    this.#before = []
  }

  /** Changes one bit of so many of the values whose keys may rot; answers how many there were. */
  rot(count: number, mayRot: (key: Uint8Array) => boolean = () => true): number {
    const records = [...this.image.range(undefined, undefined, false)].filter(([key]) => mayRot(key))
    const chosen = this.#random.shuffle(records).slice(0, count)
    this.image = this.image.apply(
      chosen.map(([key, value]) => {
        const changed = value.slice()
        changed[this.#random.below(changed.length)]! ^= 1 << this.#random.below(8)
        return { type: 'put', key, value: changed }
      }),
    )
    return chosen.length
  }

  /** Waits as long as the disk takes, and fails when it does. */
  async access(kind: 'read' | 'write', user: DiskUser): Promise<void> {
    if (!user.alive) return never()
    const [least, most] = this.conditions[kind]
    if (most > 0) await this.#scheduler.sleep(least + (this.#random.below(1_000) / 1_000) * (most - least))
    if (!user.alive) return never()
    if (this.#random.chance(this.conditions.failure)) throw this.#failure(`the ${kind} failed`)
  }

  async write(operations: readonly BatchOperation[], user: DiskUser): Promise<void> {
    if (this.conditions.full && operations.some(({ type }) => type === 'put')) throw this.#failure('no space left')
    await new Promise<void>((done, fail) => this.#enqueue(operations, user, done, fail))
    if (!user.alive) return never()
  }

  /** Clears what is left over, in steps, with a budget in one; answers whether nothing is. */
  async tidy(user: DiskUser, { budgetMs, onProgress, signal }: CompactionOptions): Promise<boolean> {
    do {
      await this.access('write', user)
      this.#tidied += this.leftovers.splice(0, TIDIED).length
      onProgress?.(this.#tidied, this.#tidied + this.leftovers.length)
      throwIfAborted(signal)
    } while (budgetMs === undefined && this.leftovers.length > 0)
    if (this.leftovers.length > 0) return false
    this.#tidied = 0
    return true
  }

  #apply(operations: readonly BatchOperation[]): void {
    const { image } = this
    this.image = image.apply(operations)
    if (!this.conditions.leftovers) return
    for (const { key } of operations) {
      const value = image.get(key)
      if (value && this.image.get(key) !== value) this.leftovers.push(value)
    }
  }

  #failure(message: string): CosmicError {
    this.failedAt = this.#scheduler.now
    return new CosmicError({ code: 'storage', field: 'disk', message })
  }

  /** What comes of a write is that of the one that has waited for longest: none overtakes another, however fast the disk becomes. */
  #enqueue(operations: readonly BatchOperation[], user: DiskUser, done: () => void, fail: (e: unknown) => void): void {
    const commit = () => {
      this.onWrite?.('before')
      if (!user.alive) return
      this.#pending.shift()
      if (this.conditions.breaks === 'durability') this.#before = [...this.#before, this.image].slice(-MOST_LOST)
      this.#apply(operations)
      this.writes++
      this.onWrite?.('after')
      if (user.alive) done()
    }
    this.#pending.push({ operations, commit, fail })
    this.access('write', user).then(
      () => this.#pending[0]?.commit(),
      (error: unknown) => this.#pending.shift()?.fail(error),
    )
  }
}

/** Nobody waits for it any more. */
const never = () => new Promise<never>(() => {})

class DiskStorage implements KeyValueStorage {
  readonly #disk: SimulatedDisk
  readonly #user: DiskUser
  readonly #underWay = new Set<Promise<unknown>>()
  readonly compact?: NonNullable<KeyValueStorage['compact']>
  #closed = false

  constructor(disk: SimulatedDisk, user: DiskUser) {
    this.#disk = disk
    this.#user = user
    if (disk.conditions.leftovers) this.compact = (options = {}) => this.#compact(options)
  }

  async get(key: Uint8Array, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined> {
    return (await this.getMany([key], options))[0]
  }

  async getMany(
    keys: readonly Uint8Array[],
    options: { signal?: AbortSignal } = {},
  ): Promise<(Uint8Array | undefined)[]> {
    checkKeys(keys, options)
    this.#check(options.signal)
    await this.#track(this.#disk.access('read', this.#user))
    const { image } = this.#disk
    return keys.map(key => image.get(key)?.slice())
  }

  async batch(operations: readonly BatchOperation[], options: { signal?: AbortSignal } = {}): Promise<void> {
    checkBatch(operations, options)
    this.#check(options.signal)
    await this.#track(this.#disk.write(operations, this.#user))
  }

  async *range(options: RangeOptions = {}): AsyncGenerator<Entry> {
    checkRange(options)
    const { gte, lt, reverse = false, limit = Infinity, signal } = options
    this.#check(signal)
    await this.#disk.access('read', this.#user)
    let left = limit
    for (const [key, value] of this.#disk.image.range(gte, lt, reverse)) {
      if (left-- <= 0) return
      this.#check(signal)
      yield [key.slice(), value.slice()]
    }
  }

  async #compact(options: CompactionOptions): Promise<boolean> {
    this.#check(options.signal)
    return this.#track(this.#disk.tidy(this.#user, options))
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#closed) throw new CosmicError({ code: 'closed', field: 'storage' })
    if (signal?.aborted) throw new CosmicError({ code: 'aborted' }, { cause: signal.reason })
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work)
    try {
      return await work
    } finally {
      this.#underWay.delete(work)
    }
  }
}
