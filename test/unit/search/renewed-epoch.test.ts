import { expect, test } from 'vitest'
import { openSearch } from '../../../src/search/index'
import { memoryStorage, openBlockStore, type BlockStore } from '../../../src/store/index'
import { sceneBlocks } from '../../tools/search-scenes'

test('an index is loaded to its end though the store gets a new epoch meanwhile, as by a repair', async () => {
  const store = await openBlockStore(memoryStorage())
  await store.put(await sceneBlocks({ count: 1_100 }))
  let pages = 0
  const pageIds: BlockStore['pageIds'] = async query => {
    if (pages++ === 1) await store.renewEpoch()
    return store.pageIds(query)
  }
  const renewed = new Proxy(store, {
    get(_, name) {
      if (name === 'pageIds') return pageIds
      const value: unknown = Reflect.get(store, name, store)
      return typeof value === 'function' ? (value.bind(store) as unknown) : value
    },
  })
  const engine = await openSearch(renewed, { persist: false })
  await engine.settled()
  expect([pages > 2, engine.loading, engine.spaces.map(({ size }) => size)]).toEqual([true, undefined, [1_100]])
  await engine.close()
})
