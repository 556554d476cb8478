import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lmdbStorage } from '../../src/adapters/storage/lmdb'
import { utf8 } from '../../src/base/index'
import { type KeyValueStorage, memoryStorage, openBlockStore } from '../../src/store/index'
import { blockStoreSuite } from '../../src/testing/block-store'

const root = await mkdtemp(join(tmpdir(), 'cosmic-blocks.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
let storage: KeyValueStorage

async function open(opening: KeyValueStorage | Promise<KeyValueStorage>) {
  storage = await opening
  return openBlockStore(storage)
}

async function damage(id: string) {
  const key = utf8(`b${id}`)
  const record = (await storage.get(key))!
  await storage.batch([{ type: 'put', key, value: record.map((byte, i) => (i === 100 ? byte ^ 1 : byte)) }])
}

blockStoreSuite({ describe, test, expect }, { name: 'memory', open: () => open(memoryStorage()), damage })
blockStoreSuite(
  { describe, test, expect },
  {
    name: 'lmdb',
    open: () => open(lmdbStorage(join(root, `store.${++count}`))),
    reopen: () => open(lmdbStorage(join(root, `store.${count}`))),
    damage,
  },
)
