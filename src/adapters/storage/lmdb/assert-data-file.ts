import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CosmicError } from '../../../base/index'

/** Where things stand in a page (`MDB_page`, `MDB_meta`, `MDB_node` of LMDB's mdb.c), in bytes; numbers are little-endian. */
const PAGE = { flags: 18, lower: 20, header: 24 }
const META = {
  magic: 24,
  version: 28,
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  lastPage: 144,
  transaction: 152,
  end: 160,
}
const NODE = { high: 2, flags: 4, keySize: 6, data: 8 }

const MAGIC = 0xbeefc0de
const VERSION = 2
const LEAF = 2
const BRANCH = 1
/** Of a node: its value is on pages of its own. */
const BIG_DATA = 1
/** Of a node: its value is a tree (`MDB_db`), whose root stands at this place in it. */
const SUBTREE = 2
const SUBTREE_ROOT = 40

/**
 * LMDB maps `data.mdb` into memory and trusts it: on a file that is not its own, or that was cut short, it ends the process.
 * Throws `storage` on those; makes the file when there is none.
 *
 * What keeps its length is not looked through: damage inside a page is found by the sums of the records on it, but damage to
 * the links between pages can still end the process.
 */
export function assertDataFile(path: string): void {
  const file = openSync(path, 'a+')
  try {
    const data = new DataFile(file)
    if (data.size === 0) return
    if (!data.isDatabase()) throw refusal(`${path} is not an LMDB database; choose another directory`)
    if (!data.isWhole()) throw refusal(`${path} is damaged or was cut short; restore it, or choose another directory`)
  } finally {
    closeSync(file)
  }
}

const refusal = (hint: string) => new CosmicError({ code: 'storage', field: 'path', hint })

class DataFile {
  readonly size: number
  readonly #file: number
  readonly #first: Buffer

  constructor(file: number) {
    this.#file = file
    this.size = fstatSync(file).size
    this.#first = this.#read(0, META.end)
  }

  /** Its first page is LMDB's. */
  isDatabase(): boolean {
    return isMeta(this.#first)
  }

  /** Its second page is, too, and every page in use by the newer of the two is there. */
  isWhole(): boolean {
    const pageSize = this.#first.readUInt32LE(META.pageSize)
    const second = isPageSize(pageSize) ? this.#read(pageSize, META.end) : undefined
    if (second === undefined || !isMeta(second)) return false
    const newer = number(second, META.transaction) > number(this.#first, META.transaction) ? second : this.#first
    const pages = Math.floor(this.size / pageSize)
    // Pages at the end that were given back within one transaction are never written: a shorter file may yet be whole.
    if (pages > number(newer, META.lastPage)) return true
    try {
      return this.#reachesNoneBeyond(pages, pageSize, newer)
    } catch (error) {
      if (error instanceof RangeError) return false // a page leads out of itself
      throw error
    }
  }

  /** Walks all trees. */
  #reachesNoneBeyond(pages: number, pageSize: number, meta: Buffer): boolean {
    const open = [META.freeRoot, META.mainRoot].map(at => number(meta, at))
    for (let visited = 0; open.length > 0; visited++) {
      const page = open.pop()!
      if (page === NO_PAGE) continue
      if (page >= pages || visited >= pages) return false
      const { branches, last } = links(this.#read(page * pageSize, pageSize))
      if (last >= pages) return false
      for (const branch of branches) open.push(branch)
    }
    return true
  }

  #read(position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length)
    return buffer.subarray(0, readSync(this.#file, buffer, 0, length, position))
  }
}

const isMeta = (page: Buffer) =>
  page.length === META.end && page.readUInt32LE(META.magic) === MAGIC && page.readUInt16LE(META.version) === VERSION

const isPageSize = (size: number) => size >= 512 && size <= 65_536 && (size & (size - 1)) === 0

const number = (page: Buffer, at: number) => Number(page.readBigUInt64LE(at))

/** The root of an empty tree. */
const NO_PAGE = 2 ** 64

/** Where a page of a tree leads: the pages below it, roots of trees that are its values among them, and the last of the pages with its large values. */
function links(page: Buffer): { branches: number[]; last: number } {
  const flags = page.readUInt16LE(PAGE.flags)
  const branches: number[] = []
  let last = 0
  for (let i = 0; i < page.readUInt16LE(PAGE.lower) >> 1; i++) {
    const node = PAGE.header + page.readUInt16LE(PAGE.header + 2 * i)
    const low = page.readUInt16LE(node) + page.readUInt16LE(node + NODE.high) * 2 ** 16
    const nodeFlags = page.readUInt16LE(node + NODE.flags)
    const value = node + NODE.data + page.readUInt16LE(node + NODE.keySize)
    if (flags & BRANCH) branches.push(low + nodeFlags * 2 ** 32)
    else if (flags & LEAF && nodeFlags & SUBTREE) branches.push(number(page, value + SUBTREE_ROOT))
    else if (flags & LEAF && nodeFlags & BIG_DATA) {
      const first = number(page, value)
      last = Math.max(last, first + Math.ceil((PAGE.header + low) / page.length) - 1)
    }
  }
  return { branches, last }
}
