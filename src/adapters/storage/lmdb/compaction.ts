import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { open as openFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { open as openLmdb } from 'lmdb'
import { compare } from '../../../base/index'
import type { BatchOperation } from '../../../store/index'
import { assertRoom } from './assert-room'
import { after, LmdbEngine } from './engine'

/** Below the directory of a storage. */
const FOLDER = 'compacting'

/** Clears what a crash left of a compaction. */
export function clearCompaction(directory: string): void {
  rmSync(join(directory, FOLDER), { recursive: true, force: true })
}

/**
 * Makes a file that holds the entries of another one and no byte of what was deleted before: LMDB leaves those in pages
 * that it has freed, and in the gaps of pages in use, so everything is written anew, in order, into full pages.
 *
 * Invariants: (1) the new file has exactly the entries of the old one below `#next`, whatever is written to that meanwhile;
 * (2) the old file is whole and in use until the new one, complete and on disk, replaces it in one renaming.
 */
export class Compaction {
  readonly #from: LmdbEngine
  readonly #to: LmdbEngine
  readonly #folder: string
  readonly #total: number
  /** `undefined`: all are copied. */
  #next: Uint8Array | undefined = Uint8Array.of(0)
  #done = 0

  constructor(open: typeof openLmdb, from: LmdbEngine, directory: string) {
    this.#folder = join(directory, FOLDER)
    clearCompaction(directory)
    this.#from = from
    this.#total = from.entries
    // For its lock file, which LMDB maps as soon as it is made.
    assertRoom(directory, 0, [])
    this.#to = new LmdbEngine(open, this.#folder, false)
  }

  get #file(): string {
    return join(this.#folder, 'data.mdb')
  }

  get copied(): boolean {
    return this.#next === undefined
  }

  /** Entries copied, and how many there were. */
  get progress(): [done: number, total: number] {
    return [Math.min(this.#done, this.#total), this.#total]
  }

  /** Copies the next page of entries. */
  step(): void {
    if (this.#next === undefined) return
    const { entries, more } = this.#from.page({ gte: this.#next }, Infinity)
    this.#to.write(
      entries.map(([key, value]) => ({ type: 'put', key, value })),
      unguarded,
    )
    const last = entries.at(-1)
    this.#done += entries.length
    this.#next = more && last !== undefined ? after({}, last[0]).gte : undefined
  }

  /** What was written to the old file since. */
  follow(operations: readonly BatchOperation[]): void {
    const next = this.#next
    const passed = next === undefined ? operations : operations.filter(({ key }) => compare(key, next) < 0)
    if (passed.length > 0) this.#to.write(passed, unguarded)
  }

  /** So that little is left to write when the files are switched. */
  async sync(): Promise<void> {
    const file = await openFile(this.#file, 'r+')
    await file.sync().finally(() => file.close())
  }

  /** Lets the new file go, complete. */
  finish(): void {
    this.#to.close()
  }

  /** Moves the new file over the old one, which nobody has open any more. */
  replace(file: string): void {
    sync(this.#file, 'r+')
    renameSync(this.#file, file)
    syncFolder(dirname(file))
    // It speaks of states of the old file.
    rmSync(join(dirname(file), 'lock.mdb'), { force: true })
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Gives up; the old file stays. */
  discard(): void {
    try {
      this.#to.close()
    } finally {
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }
}

const unguarded = () => {}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** So that the renaming lasts, too; some systems know no such thing. */
function syncFolder(path: string): void {
  try {
    sync(path, 'r')
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL'].includes(String((error as NodeJS.ErrnoException).code))) throw error
  }
}
