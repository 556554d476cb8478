import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { CosmicError } from '../../../base/index'
import { type PageFile, PageWalk } from './page-walk'
import { treeRecord, wide } from './tree-page'

/** Where things stand in the first two pages (`MDB_meta` of LMDB's mdb.c), in bytes. */
const META = { magic: 24, version: 28, free: 48, main: 96, lastPage: 144, transaction: 152, end: 160 }

const MAGIC = 0xbeefc0de
const VERSION = 2

/** A file that is so much shorter than it says is damaged. */
const MOST_MISSING = 1 << 30

/** Files up to this size are looked through page by page. */
const WHOLE_BYTES = 256 << 20

/**
 * LMDB maps `data.mdb` into memory and trusts it: on a file that is not its own, was cut short or is damaged it can end the
 * process. Throws `storage` on those; makes the file when there is none.
 *
 * Every page that leads to others is looked at; of files up to 256 MB, or of any with `whole`, every page. Damage within keys
 * and values is left for the sums of the records on them.
 */
export function assertDataFile(path: string, whole = false): void {
  const file = openSync(path, 'a+')
  try {
    const { size } = fstatSync(file)
    if (size === 0) return
    const first = read(file, 0, META.end)
    if (!isMeta(first))
      throw refusal(
        `${path} is not an LMDB database, unless its head is damaged: salvageLmdb reads what is left of it; choose another directory`,
      )
    if (isSound(file, size, first, whole || size <= WHOLE_BYTES)) return
    throw refusal(
      `${path} is damaged or was cut short; salvageLmdb reads what is left of it; restore it, or choose another directory`,
    )
  } finally {
    closeSync(file)
  }
}

const refusal = (hint: string) => new CosmicError({ code: 'storage', field: 'path', hint })

function isSound(file: number, size: number, first: Buffer, leaves: boolean): boolean {
  const pageSize = first.readUInt32LE(META.free)
  const second = isPageSize(pageSize) ? read(file, pageSize, META.end) : undefined
  if (second === undefined || !isMeta(second) || second.readUInt32LE(META.free) !== pageSize) return false
  const [even, odd] = [wide(first, META.transaction), wide(second, META.transaction)]
  // They are written in turn.
  if (Math.abs(even - odd) > 1) return false
  const newer = odd > even ? second : first
  const pages = wide(newer, META.lastPage) + 1
  // Pages at the end that were given back within one transaction are never written: a shorter file may yet be whole.
  if (pages * pageSize > MOST_MISSING + 4 * size) return false
  try {
    const walk = new PageWalk(pagesOf(file, { pageSize, pages, transaction: Math.max(even, odd) }), leaves)
    walk.walk(treeRecord(newer, META.free), treeRecord(newer, META.main))
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Each page is read into the same place. */
function pagesOf(file: number, outline: Omit<PageFile, 'read'>): PageFile {
  const { pageSize } = outline
  const buffer = Buffer.from(new ArrayBuffer(pageSize))
  return {
    ...outline,
    read(page) {
      if (readSync(file, buffer, 0, pageSize, page * pageSize) < pageSize) throw new RangeError('a page is missing')
      return buffer
    },
  }
}

function read(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, readSync(file, buffer, 0, length, position))
}

const isMeta = (page: Buffer) =>
  page.length === META.end && page.readUInt32LE(META.magic) === MAGIC && page.readUInt16LE(META.version) === VERSION

const isPageSize = (size: number) => size >= 512 && size <= 65_536 && (size & (size - 1)) === 0
