import { indexedDbStorage } from '../../src/adapters/storage/indexeddb'
import { utf8 } from '../../src/base/index'
import { type KeyValueStorage, openBlockStore } from '../../src/store/index'
import { blockStoreSuite } from '../../src/testing/block-store'
import { keyValueStorageSuite } from '../../src/testing/key-value-storage'
import type { SuiteRunner } from '../../src/testing/suite-tools'
import { indexedDbChecks } from './indexeddb-checks'

/** Both suites of storage over IndexedDB, and what only this storage does, in whatever browser this runs. Each test has a database of its own, which is left behind. */
export function indexedDbSuites(runner: SuiteRunner): void {
  const run = crypto.randomUUID()
  let count = 0
  let storage: KeyValueStorage
  const openNew = () => indexedDbStorage(`${run}.${++count}`)
  const openLast = () => indexedDbStorage(`${run}.${count}`)
  const store = async (opening: Promise<KeyValueStorage>) => openBlockStore((storage = await opening))
  const damage = async (id: string) => {
    const key = utf8(`b${id}`)
    const record = (await storage.get(key))!
    await storage.batch([{ type: 'put', key, value: record.map((byte, i) => (i === 100 ? byte ^ 1 : byte)) }])
  }
  keyValueStorageSuite(runner, { name: 'indexeddb', open: openNew, reopen: openLast })
  indexedDbChecks(runner)
  blockStoreSuite(runner, {
    name: 'indexeddb',
    open: () => store(openNew()),
    reopen: () => store(openLast()),
    damage,
  })
}
