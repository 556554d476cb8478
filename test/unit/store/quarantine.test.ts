import { describe, expect, test } from 'vitest'
import { type BlockStore, memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import { membersOf, retractionOf } from '../../../src/testing/store-erasing'
import { collect } from '../../../src/testing/suite-tools'
import { spoilRecord } from '../../tools/store-keys'
import { storedBlock } from '../../tools/stored-block'

const idsOf = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)

async function filled() {
  const storage = memoryStorage()
  const blocks = await Promise.all(['a', 'b', 'c', 'd'].map(text => storedBlock({ text, tags: ['all', text] })))
  await (await openBlockStore(storage)).put(blocks)
  return { storage, blocks, open: () => openBlockStore(storage) }
}

describe('a damaged record that was noticed', () => {
  const lostIn = (store: BlockStore) =>
    new Promise<readonly string[]>(resolve =>
      store.onChange(({ lost }) => lost && resolve(lost.map(({ id, time }) => `${id} ${time}`))),
    )
  const findings = async (store: BlockStore) =>
    (await collect(store.check!())).flatMap(({ finding }) => finding?.field ?? [])

  const ways: [string, (store: BlockStore, id: string) => Promise<unknown>][] = [
    ['read alone', (store, id) => store.get(id).catch(() => undefined)],
    ['read among others', (store, id) => store.getMany([id])],
    ['looked for', (store, id) => store.has([id])],
    ['met in a list', store => collect(store.query({ tags: ['all'] }))],
    ['met in a page', store => store.page()],
  ]
  test.each(ways)(
    'when %s, it leaves the reconciled set by itself, and comes again at the end of the log',
    async (_way, meet) => {
      const { storage, blocks, open } = await filled()
      const store = await open()
      const before = await store.stats()
      const [{ block }, ...rest] = blocks as [StoredBlock, ...StoredBlock[]]
      await spoilRecord(storage, block.id)
      const lost = lostIn(store)
      await meet(store, block.id)
      expect(await lost).toEqual([`${block.id} ${block.time}`])
      expect((await membersOf(store)).sort()).toEqual(idsOf(rest).sort())
      expect((await collect(store.log())).map(({ state }) => state)).toEqual(['lost', 'held', 'held', 'held'])
      await expect(store.get(block.id)).rejects.toMatchObject({ field: `blocks.${block.id}` })
      const again = await open()
      expect((await membersOf(again)).length).toBe(3)
      expect(await again.put([{ block, admitted: false, code: 'policy' }])).toEqual(['added'])
      expect(await again.stats()).toEqual({ ...before, admitted: 3 })
      expect((await collect(again.log())).map(({ state }) => state)).toEqual(['erased', 'held', 'held', 'held', 'held'])
      expect(await findings(again)).toEqual([])
    },
  )

  test('a repair forgets what indexes said of it, and it still comes back', async () => {
    const { storage, blocks, open } = await filled()
    const store = await open()
    const before = await store.stats()
    await spoilRecord(storage, blocks[1]!.block.id)
    const lost = lostIn(store)
    await store.has(idsOf(blocks))
    await lost
    // Indexes and counts have it still, as they should until it comes or they are made anew.
    expect(await findings(store)).toEqual([`blocks.${blocks[1]!.block.id}`])
    await collect(store.repair!())
    expect([await findings(store), (await store.stats()).blocks]).toEqual([[], 3])
    expect(await store.put(blocks)).toEqual(['known', 'added', 'known', 'known'])
    expect([await findings(store), await store.stats()]).toEqual([[], before])
  })

  test('what was mended before it is looked at stays, and a withdrawn one does not come back', async () => {
    const { storage, blocks, open } = await filled()
    const store = await open()
    const told: unknown[] = []
    store.onChange(({ lost }) => lost && told.push(lost))
    await spoilRecord(storage, blocks[0]!.block.id)
    const mending = store.put(blocks)
    await store.has(idsOf(blocks))
    expect(await mending).toEqual(['added', 'known', 'known', 'known'])
    await spoilRecord(storage, blocks[2]!.block.id)
    const lost = lostIn(store)
    await store.has(idsOf(blocks))
    await lost
    expect(told.length).toBe(1)
    await store.put([await retractionOf(blocks[2]!.block.id, 0)])
    expect(await store.put([blocks[2]!])).toEqual(['retracted'])
  })
})
