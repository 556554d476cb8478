import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../src/adapters/storage/lmdb'
import { MAX_SIDE_KEY_BYTES, memoryStorage, openBlockStore } from '../../src/store/index'
import { keyValueStorageSuite } from '../../src/testing/key-value-storage'

const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
keyValueStorageSuite(
  { describe, test, expect },
  { name: 'memory', snapshotRanges: true, open: async () => memoryStorage() },
)
keyValueStorageSuite(
  { describe, test, expect },
  {
    name: 'lmdb',
    snapshotRanges: true,
    open: () => lmdbStorage(join(root, `store.${++count}`)),
    reopen: () => lmdbStorage(join(root, `store.${count}`)),
  },
)

keyValueStorageSuite(
  { describe, test, expect },
  {
    name: 'beside the blocks, in memory',
    snapshotRanges: true,
    maxKeyBytes: MAX_SIDE_KEY_BYTES,
    async open() {
      const store = await openBlockStore(memoryStorage())
      // Its own `close` does nothing.
      return Object.assign(store.side, { close: () => store.close() })
    },
  },
)
