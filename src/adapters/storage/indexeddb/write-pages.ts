import { promisifyRequest } from 'idb-keyval'
import { CosmicError, equal, throwIfAborted } from '../../../base/index'
import { bytesOf, damagedPage, type Page } from './page'
import { storageError } from './storage-error'

/** Where a database bears the mark of the storage that writes to it: a text key, which no range of binary keys meets. */
export const OWNER = 'owner'

const OVERTAKEN = 'another tab has opened the database since, and only one may write to it'

/** Pages by their fences; `undefined` is none. */
export type Pages = ReadonlyMap<string, Page | undefined>

/** Pages in one state. Rejects with `storage` where the database no longer bears the mark `owner`, unless that is not asked for. */
export async function readPages(
  table: IDBObjectStore,
  fences: readonly string[],
  owner: Uint8Array | undefined,
): Promise<Pages> {
  const get = (key: IDBValidKey) => promisifyRequest(table.get(key) as IDBRequest<unknown>)
  const mark = owner === undefined ? undefined : get(OWNER)
  const [found, ...pages] = await Promise.all([mark, ...fences.map(fence => get(bytesOf(fence)))])
  if (owner !== undefined && !bears(found, owner)) throw overtaken()
  return new Map(fences.map((fence, i) => [fence, checkPage(pages[i])]))
}

function checkPage(value: unknown): Page | undefined {
  if (value !== undefined && !(value instanceof Uint8Array)) throw damagedPage()
  return value as Page | undefined
}

/**
 * In one transaction reads pages and writes what `change` makes of them; resolves when it is committed. Rejects with
 * `storage`, `aborted`, or what `change` throws, and then nothing of it is.
 *
 * Invariant: nothing is committed unless the database bears the mark `owner`.
 */
export async function writePages(
  table: IDBObjectStore,
  owner: Uint8Array,
  fences: readonly string[],
  change: (pages: Pages) => Pages,
  signal: AbortSignal | undefined,
): Promise<Pages> {
  const { transaction } = table
  const committed = whenCommitted(transaction)
  const stop = () => abort(transaction)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const written = readPages(table, fences, owner).then(async pages => {
      const changed = change(pages)
      // One after the other: what Firefox has been asked behind a write that finds the quota used up, it stores.
      for (const [fence, page] of changed) await apply(table, fence, page)
      return changed
    })
    // Whichever fails first says why.
    await Promise.race([committed, written.then(() => committed)])
    return await written
  } catch (error) {
    stop()
    await committed.catch(() => {})
    throwIfAborted(signal)
    throw storageError(error, 'nothing of the batch was stored')
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

const bears = (mark: unknown, owner: Uint8Array) => mark instanceof Uint8Array && equal(mark, owner)

const overtaken = () => new CosmicError({ code: 'storage', field: 'name', hint: OVERTAKEN })

function apply(table: IDBObjectStore, fence: string, page: Page | undefined): Promise<unknown> {
  return page === undefined
    ? promisifyRequest(table.delete(bytesOf(fence)))
    : promisifyRequest(table.put(page, bytesOf(fence)))
}

function whenCommitted(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    // Not `onerror`, which comes before the transaction knows its error and before anything is undone.
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('the transaction was aborted', 'AbortError'))
  })
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It is committed, or undone already.
  }
}
