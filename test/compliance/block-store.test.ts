import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../src/adapters/storage/lmdb'
import { type BlockStoreOptions, type KeyValueStorage, memoryStorage, openBlockStore } from '../../src/store/index'
import { blockStoreSuite } from '../../src/testing/block-store'
import { spoilRecord } from '../tools/store-keys'

const root = await mkdtemp(join(tmpdir(), 'cosmic-blocks.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
let storage: KeyValueStorage

async function open(opening: KeyValueStorage | Promise<KeyValueStorage>, options: BlockStoreOptions = {}) {
  storage = await opening
  return openBlockStore(storage, options)
}

const damage = (id: string) => spoilRecord(storage, id)

blockStoreSuite(
  { describe, test, expect },
  {
    name: 'memory',
    open: () => open(memoryStorage()),
    openWithQuota: quota => open(memoryStorage(), quota),
    damage,
  },
)
blockStoreSuite(
  { describe, test, expect },
  {
    name: 'lmdb',
    open: () => open(lmdbStorage(join(root, `store.${++count}`))),
    openWithQuota: quota => open(lmdbStorage(join(root, `store.${++count}`)), quota),
    reopen: () => open(lmdbStorage(join(root, `store.${count}`))),
    damage,
  },
)
