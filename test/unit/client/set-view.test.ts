import { expect, test } from 'vitest'
import { Cid, unwrap } from '../../../src/base/index'
import { SetView } from '../../../src/client/set-view'
import { memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import type { SyncItem } from '../../../src/sync/index'
import { storedBlock } from '../../tools/stored-block'

const digest = ({ block }: StoredBlock) => unwrap(Cid.parse(block.id)).digest
const held = ({ set }: SetView) => Array.from({ length: set.size }, (_, i) => set.get(i).id)

async function filled(count: number) {
  const blocks = await Promise.all(
    Array.from({ length: count }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i })),
  )
  const store = await openBlockStore(memoryStorage())
  await store.put(blocks)
  return { blocks, store }
}

test('holds what the store holds, what comes while it opens, and what comes later, and tells of the latter', async () => {
  const { store, blocks } = await filled(300)
  const told: SyncItem[] = []
  const view = new SetView(store, items => told.push(...items))
  const meanwhile = await storedBlock({ time: 5000 })
  await Promise.all([view.open(), store.put([meanwhile])])
  const later = await storedBlock({ time: 6000 })
  await store.put([later])
  expect(held(view)).toEqual([...blocks, meanwhile, later].map(digest))
  expect(told.map(({ id }) => id)).toEqual([meanwhile.block.id, later.block.id])
  view.close()
  await store.put([await storedBlock({ time: 7000 })])
  expect(view.set.size).toBe(302)
})

test('lets go of what is erased, but not of what leaves a stub', async () => {
  const { store, blocks } = await filled(4)
  const view = new SetView(store, () => {})
  await view.open()
  await store.erase([blocks[0]!.block.id], 'pruned')
  await store.erase([blocks[3]!.block.id], 'withdrawn')
  await store.erase([blocks[1]!.block.id], 'expired')
  expect(held(view)).toEqual([0, 2, 3].map(i => digest(blocks[i]!)))
  const opened = new SetView(store, () => {})
  await opened.open()
  expect(held(opened)).toEqual(held(view))
})

test('what is erased while it opens, and was read before, stays out', async () => {
  const { store, blocks } = await filled(4)
  const [gone, ...left] = blocks
  const read = store.members.bind(store)
  store.members = async function* (...call) {
    for await (const page of read(...call)) {
      await store.erase([gone!.block.id], 'expired')
      yield page
    }
  }
  const view = new SetView(store, () => {})
  await view.open()
  expect(held(view)).toEqual(left.map(digest))
})
