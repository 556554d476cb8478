import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../src/adapters/storage/lmdb'
import { memoryStorage, openBlockStore } from '../../src/store/index'
import { blockStoreSuite } from '../../src/testing/block-store'

const root = await mkdtemp(join(tmpdir(), 'cosmic-blocks.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
const lmdb = async () => openBlockStore(await lmdbStorage(join(root, `store.${count}`)))

blockStoreSuite({ describe, test, expect }, { name: 'memory', open: () => openBlockStore(memoryStorage()) })
blockStoreSuite(
  { describe, test, expect },
  {
    name: 'lmdb',
    open: () => {
      count++
      return lmdb()
    },
    reopen: lmdb,
  },
)
