import type { Database as Db, open as openLmdb, RangeOptions as LmdbRange, RootDatabase, Transaction } from 'lmdb'
import { compare, concat, CosmicError } from '../../../base/index'
import type { BatchOperation } from '../../../store/index'
import { assertRoom } from './assert-room'

export type Entry = readonly [key: Uint8Array, value: Uint8Array]
type Tree = Db<Uint8Array, Uint8Array>

/** The entries whose keys begin with the byte `first`; in a file of the first layout, all. */
interface Space {
  readonly first: number
  readonly tree: Tree
  /** No smaller than the last key; `undefined` when it is not known. */
  last?: Uint8Array | undefined
}

/**
 * Seven or eight blocks with a 384-dimensional vector share a page, whatever their exact size; in LMDB's own 4 kB it is
 * two or one. docs/decisions/0009 has the figures. A file keeps the size that it was made with.
 */
const PAGE_SIZE = 16_384

/** Ranges of more than a page that can be under way at once, each on a state of its own; one more is `storage`. */
const MAX_READERS = 1024

/** A page of a range is read at once and copied. */
const PAGE_ENTRIES = 256
const PAGE_BYTES = 1 << 20

/** The tree that says how the file is laid out, and keeps the marks below; a later layout has another number. */
const LAYOUTS = 'layout/'
const LAYOUT = `${LAYOUTS}2`
const TREE = { keyEncoding: 'binary', encoding: 'binary' } as const

/** There while the file may hold bytes of entries that were deleted. */
const ERASED = Uint8Array.of(1)

/** A state of the file and the spaces that it has, in order. */
export interface Reading {
  readonly transaction: Transaction
  readonly spaces: readonly Space[]
}

/** Entries of a range, and whether there are more. */
export interface RangePage {
  readonly entries: readonly Entry[]
  readonly more: boolean
}

export interface Bounds {
  readonly gte?: Uint8Array | undefined
  readonly lt?: Uint8Array | undefined
  readonly reverse?: boolean | undefined
}

/**
 * One LMDB file: keys and values, with what goes wrong left as LMDB says it. Every call is synchronous.
 *
 * Invariants: (1) a key stands in the tree of its first byte, so what a user of the storage only ever appends to is
 * appended to a tree, whose pages then are full; a file of the first layout has one tree for all, until it is compacted;
 * (2) while something deleted may be left in the file, it says so.
 */
export class LmdbEngine {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>
  readonly #directory: string
  /** `undefined`: the file is of the first layout. */
  readonly #marks: Tree | undefined
  /** In order; never changed, only replaced: ranges keep it. */
  #spaces: readonly Space[] = []
  #erased: boolean

  /** Opens the file `data.mdb` of a directory, or makes it. Without `sync` a commit is on disk only when the file is synced. */
  constructor(open: typeof openLmdb, path: string, sync: boolean) {
    const options = { noSubdir: false, maxReaders: MAX_READERS, maxDbs: 260, pageSize: PAGE_SIZE, ...TREE }
    this.#directory = path
    // Without `overlappingSync` a commit is acknowledged only when it is on disk.
    this.#root = open({ path, ...options, overlappingSync: false, noSync: !sync })
    try {
      this.#marks = this.#openMarks()
      this.#erased = this.#marks?.get(ERASED) !== undefined
      if (this.#marks === undefined) this.#spaces = [{ first: 0, tree: this.#root }]
      else this.#openSpaces()
    } catch (error) {
      void this.#root.close()
      throw error
    }
  }

  #openMarks(): Tree | undefined {
    const names = this.#names()
    const layouts = names.filter(name => name.startsWith(LAYOUTS))
    if (names.length === 0) assertRoom(this.#directory, PAGE_SIZE, [])
    if (names.length === 0) return this.#root.openDB({ name: LAYOUT, ...TREE })
    if (layouts.length === 0) return undefined
    if (layouts.includes(LAYOUT)) return this.#root.openDB({ name: LAYOUT, ...TREE })
    const hint = 'it was written by another version of cosmic-embeddings: use that version, or another directory'
    throw new CosmicError({ code: 'storage', field: 'path', limit: LAYOUT, hint })
  }

  /** Of its trees; of a file of the first layout, its first keys. */
  #names(): string[] {
    return [...this.#root.getKeys({ limit: 300 })].map(key => new TextDecoder().decode(key).replace(/\0$/, ''))
  }

  #openSpaces(): void {
    for (const name of this.#names()) if (!name.startsWith(LAYOUTS)) this.#openSpace(Number.parseInt(name, 16))
  }

  #openSpace(first: number): Space {
    // Opening a tree ends the engine's current read transaction, which a range may hold: this one is current no longer.
    this.#root.resetReadTxn()
    const space = { first, tree: this.#root.openDB<Uint8Array, Uint8Array>({ name: first.toString(16), ...TREE }) }
    this.#spaces = [...this.#spaces, space].sort((a, b) => a.first - b.first)
    return space
  }

  #spaceOf(key: Uint8Array): Space | undefined {
    return this.#marks === undefined ? this.#spaces[0] : this.#spaces.find(({ first }) => first === key[0])
  }

  /** It is of the first layout, or may hold bytes of entries that were deleted. */
  get wantsCompaction(): boolean {
    return this.#marks === undefined || this.#erased
  }

  get entries(): number {
    return this.#spaces.reduce((sum, { tree }) => sum + (tree.getStats() as { entryCount: number }).entryCount, 0)
  }

  get(key: Uint8Array): Uint8Array | undefined {
    // The engine's own buffer, until its next call: its `length` is the value's, what it views is longer.
    const value = this.#spaceOf(key)?.tree.getBinaryFast(key)
    if (value === undefined) return undefined
    const copy = new Uint8Array(value.length)
    copy.set(new Uint8Array(value.buffer, value.byteOffset, value.length))
    return copy
  }

  /** Everything or nothing, on disk when it returns; answers how many entries were deleted. `guard` is called under the lock on writers. */
  write(operations: readonly BatchOperation[], guard: () => void): number {
    const before = this.#spaces
    assertRoom(this.#directory, PAGE_SIZE, operations)
    try {
      let deleted = 0
      this.#root.transactionSync(() => {
        guard()
        for (const operation of operations) deleted += this.#apply(operation)
        if (deleted > 0 && !this.#erased) this.#marks?.putSync(ERASED, ERASED)
      })
      this.#erased ||= deleted > 0
      return deleted
    } catch (error) {
      this.#spaces = before
      for (const space of before) space.last = undefined
      throw error
    }
  }

  #apply({ type, key, ...operation }: BatchOperation & { value?: Uint8Array }): number {
    const space = this.#spaceOf(key)
    if (type === 'delete') return space?.tree.removeSync(key) === true ? 1 : 0
    this.#put(space ?? this.#openSpace(key[0]!), key, operation.value!)
    return 0
  }

  #put(space: Space, key: Uint8Array, value: Uint8Array): void {
    if (append(space, key, value) || putIn(space.tree, key, value, false)) return
    throw new Error('the engine did not take an entry')
  }

  /** Under the lock on writers. */
  locked(work: () => void): void {
    this.#root.transactionSync(work)
  }

  startReading(): Reading {
    return { transaction: this.#root.useReadTransaction(), spaces: this.#spaces }
  }

  /** The first entries of a range, at most `left` and a page of them; without `reading` in the state of now. */
  page({ gte, lt, reverse = false }: Bounds, left: number, reading?: Reading): RangePage {
    const entries: Entry[] = []
    let bytes = 0
    const range = { ...bounds(gte, lt, reverse), ...(reading && { transaction: reading.transaction }) }
    for (const { tree } of this.#within(reading?.spaces ?? this.#spaces, { gte, lt, reverse })) {
      const limit = Math.min(left, PAGE_ENTRIES) - entries.length
      for (const { key, value } of tree.getRange({ ...range, limit })) {
        entries.push([Uint8Array.from(key), Uint8Array.from(value)])
        bytes += value.length
        if (bytes >= PAGE_BYTES) break
      }
      if (bytes >= PAGE_BYTES || entries.length >= Math.min(left, PAGE_ENTRIES)) return { entries, more: true }
    }
    return { entries, more: false }
  }

  #within(spaces: readonly Space[], { gte, lt, reverse }: Bounds): readonly Space[] {
    if (this.#marks === undefined) return spaces
    const [low, high] = [gte?.[0] ?? 0, lt?.[0] ?? 255]
    const some = spaces.filter(({ first }) => first >= low && first <= high)
    return reverse ? some.toReversed() : some
  }

  /** Ends at once; no reading may be under way. */
  close(): void {
    void this.#root.close()
    if ((this.#root as unknown as { status: string }).status !== 'closed')
      throw new Error('the engine is still at work')
  }
}

/** The engine's own bounds: an inclusive start and an exclusive end in the direction of travel, unless told otherwise. */
function bounds(gte: Uint8Array | undefined, lt: Uint8Array | undefined, reverse: boolean): LmdbRange {
  const [start, end] = reverse ? [lt, gte] : [gte, lt]
  return { reverse, ...(start && { start }), ...(end && { end }), exclusiveStart: reverse, inclusiveEnd: reverse }
}

/** What is left of a range after its entry `last`. */
export function after({ gte, lt, reverse }: Bounds, last: Uint8Array): Bounds {
  return reverse ? { gte, lt: last, reverse } : { gte: concat(last, Uint8Array.of(0)), lt, reverse }
}

/** LMDB splits a full page in half, or leaves its last entry out, unless it is told that a key is the last of its tree. */
function append(space: Space, key: Uint8Array, value: Uint8Array): boolean {
  space.last ??= lastKey(space.tree)
  if (compare(key, space.last) <= 0) return false
  space.last = key.slice()
  return putIn(space.tree, key, value, true)
}

/** Answers what the package's types leave out: whether it was put, which a key to append that is not the last one is not. */
function putIn(tree: Tree, key: Uint8Array, value: Uint8Array, appending: boolean): boolean {
  const put = tree.putSync.bind(tree) as (...args: unknown[]) => unknown
  return (appending ? put(key, value, { append: true }) : put(key, value)) === true
}

function lastKey(tree: Tree): Uint8Array {
  const [last] = tree.getKeys({ reverse: true, limit: 1 })
  return last === undefined ? new Uint8Array(0) : Uint8Array.from(last)
}
