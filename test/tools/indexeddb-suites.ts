import { indexedDbStorage } from '../../src/adapters/storage/indexeddb'
import { type BlockStoreOptions, type KeyValueStorage, openBlockStore } from '../../src/store/index'
import { blockStoreSuite } from '../../src/testing/block-store'
import { keyValueStorageSuite } from '../../src/testing/key-value-storage'
import type { SuiteRunner } from '../../src/testing/suite-tools'
import { indexedDbChecks } from './indexeddb-checks'
import { spoilRecord } from './store-keys'

/** Both suites of storage over IndexedDB, and what only this storage does, in whatever browser this runs. Each test has a database of its own, which is left behind. */
export function indexedDbSuites(runner: SuiteRunner): void {
  const run = crypto.randomUUID()
  let count = 0
  let storage: KeyValueStorage
  const openNew = () => indexedDbStorage(`${run}.${++count}`)
  const openLast = () => indexedDbStorage(`${run}.${count}`)
  const store = async (opening: Promise<KeyValueStorage>, options: BlockStoreOptions = {}) =>
    openBlockStore((storage = await opening), options)
  const damage = (id: string) => spoilRecord(storage, id)
  keyValueStorageSuite(runner, { name: 'indexeddb', open: openNew, reopen: openLast })
  indexedDbChecks(runner)
  blockStoreSuite(runner, {
    name: 'indexeddb',
    open: () => store(openNew()),
    openWithQuota: quota => store(openNew(), quota),
    reopen: () => store(openLast()),
    damage,
  })
}
