import { CosmicError, equal, throwIfAborted } from '../../../base/index'
import type { BatchOperation } from '../../../store/index'
import { storageError } from './storage-error'

/** Where a database bears the mark of the storage that writes to it: a text key, which no range of binary keys meets. */
export const OWNER = 'owner'

const OVERTAKEN = 'another tab has opened the database since, and only one may write to it'

/**
 * Puts and deletes in a transaction of their own; resolves when it is committed. Rejects with `storage` or `aborted`, and
 * then nothing of it is.
 *
 * Invariant: nothing is committed unless the database bears the mark `owner`.
 */
export async function writeBatch(
  table: IDBObjectStore,
  owner: Uint8Array,
  operations: readonly BatchOperation[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { transaction } = table
  const committed = whenCommitted(transaction)
  const stop = () => abort(transaction)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    let foreign = false
    const mark = table.get(OWNER) as IDBRequest<unknown>
    mark.onsuccess = () => (foreign = !bears(mark.result, owner)) && stop()
    for (const operation of operations) apply(table, operation)
    await committed.catch((error: unknown) => {
      throw foreign ? new CosmicError({ code: 'storage', field: 'name', hint: OVERTAKEN }) : error
    })
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

function apply(table: IDBObjectStore, operation: BatchOperation): void {
  if (operation.type === 'put') table.put(whole(operation.value), whole(operation.key))
  else table.delete(whole(operation.key))
}

/** The bytes with a buffer to themselves: of a view the whole buffer behind it would be stored. */
export function whole(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes
  const own = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
  return own ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice()
}

function whenCommitted(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    // Not `onerror`, which comes before the transaction knows its error and before anything is undone.
    transaction.onabort = () => reject(transaction.error as DOMException)
  })
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It is committed, or undone already.
  }
}
