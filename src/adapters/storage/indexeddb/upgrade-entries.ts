import { promisifyRequest } from 'idb-keyval'
import { CosmicError } from '../../../base/index'
import { FIRST } from './directory'
import { bytesOf, EMPTY_PAGE, textOf } from './page'
import { type Change, rewritePage } from './rewrite-page'

/** Entries read at once: few at first, more while they are small. */
const READ = { least: 32, most: 1024, bytes: 1 << 20 }

/** Every binary key: an array comes after those. */
const span = (low: Uint8Array<ArrayBuffer>, open: boolean) => IDBKeyRange.bound(low, [], open, true)

/** Makes pages of the entries of a database of version 1, which had a table for them. The mark of its owner is left out. */
export async function upgradeEntries(entries: IDBObjectStore, pages: IDBObjectStore): Promise<void> {
  let [low, count, fence] = [new Uint8Array(0), READ.least, FIRST]
  for (;;) {
    const found = await read(entries, span(low, low.length > 0), count)
    // One after the other, as in write-pages.ts.
    for (const piece of rewritePage(fence, EMPTY_PAGE, found)) {
      await promisifyRequest(pages.put(piece.page, bytesOf(piece.fence)))
    }
    const last = found.at(-1)
    if (found.length < count || last === undefined) return
    low = bytesOf(last.key)
    // No key lies between this and the last one.
    fence = `${last.key}${FIRST}`
    const bytes = found.reduce((sum, { value }) => sum + value!.length, 0)
    count = bytes > READ.bytes ? READ.least : Math.min(2 * count, READ.most)
  }
}

async function read(entries: IDBObjectStore, range: IDBKeyRange, count: number): Promise<Change[]> {
  const [keys, values] = await Promise.all([
    promisifyRequest(entries.getAllKeys(range, count)),
    promisifyRequest(entries.getAll(range, count) as IDBRequest<unknown[]>),
  ])
  return keys.map((key, i) => ({ key: textOf(new Uint8Array(key as ArrayBuffer)), value: binary(values[i]) }))
}

/** What a value must be: anything else was put there by someone else. */
function binary(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new CosmicError({ code: 'storage', field: 'value', hint: 'the database holds a value that is not binary' })
}
