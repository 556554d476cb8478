import { statfsSync } from 'node:fs'
import { CosmicError } from '../../../base/index'
import type { BatchOperation } from '../../../store/index'

/** What a commit takes beside the pages of its entries: free pages, roots. */
const SLACK = 1 << 20

/** Pages that an entry makes LMDB write at most, mostly: a leaf, two branches. */
const PAGES = 3

/**
 * Throws `storage` unless the disk has room for whatever a batch may make LMDB write, which is far more than it mostly does.
 *
 * LMDB must not find out by itself: when a write fails, lmdb-js 3.5 formats a message of up to 123 characters into 100 bytes,
 * and what it overwrites then may end the process, at once or later.
 */
export function assertRoom(directory: string, pageSize: number, operations: readonly BatchOperation[]): void {
  const { bavail, bsize } = statfsSync(directory)
  const room = bavail * bsize
  let needed = SLACK + operations.length * PAGES * pageSize
  for (const operation of operations) if (operation.type === 'put') needed += operation.value.length
  if (room >= needed) return
  const hint = `${megabytes(room)} are left on the disk, and a batch of this size may need ${megabytes(needed)}: free some`
  throw new CosmicError({ code: 'storage', field: 'path', hint })
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
