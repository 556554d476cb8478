import type { BlockStore, StoredBlock } from '../store/index'
import { addedOf, idsOf, sampleBlocks } from './sample-blocks'
import { retractionOf } from './store-erasing'
import { collect, type SuiteRunner } from './suite-tools'

/** Room for retractions that wait for a block that is not here. */
export interface SuiteQuota {
  readonly waitingRetractions: number
  readonly waitingRetractionsPerAuthor: number
}

/** Room for two of one author, and for three in all. */
const QUOTA: SuiteQuota = { waitingRetractions: 3, waitingRetractionsPerAuthor: 2 }

/** What becomes of retractions that come before their blocks, where there is no room for more of them. */
export function quotas({ test, expect }: SuiteRunner, open: (quota: SuiteQuota) => Promise<BlockStore>): void {
  const check = (name: string, body: (store: BlockStore, blocks: readonly StoredBlock[]) => Promise<void>) =>
    test(name, async () => {
      const store = await open(QUOTA)
      await body(store, await sampleBlocks()).finally(() => store.close())
    })
  check(
    'early retractions beyond the quota, of one author and of all, are not stored and may come again',
    async (store, blocks) => {
      const early = await retractionsOf(blocks.slice(0, 6))
      const [a, b, c, d, e] = early as [StoredBlock, StoredBlock, StoredBlock, StoredBlock, StoredBlock]
      expect(await store.put([a, c, e, e])).toEqual(['added', 'added', 'quota', 'quota'])
      expect(await store.put([e, b])).toEqual(['quota', 'added'])
      expect(await store.put([d, e, a])).toEqual(['quota', 'quota', 'known'])
      expect(await store.has(idsOf([a, b, c, d, e]))).toEqual([true, true, true, false, false])
      expect((await collect(store.log())).map(({ id }) => id)).toEqual(idsOf([a, c, b]))
      expect(await store.put(blocks.slice(0, 5))).toEqual(['retracted', 'retracted', 'retracted', 'added', 'added'])
      expect(await store.put([d, e])).toEqual(['added', 'added'])
      expect(await store.has(idsOf(blocks.slice(0, 5)))).toEqual(blocks.slice(0, 5).map(() => false))
    },
  )
  check('retractions of what is here, or was, wait for nothing and need no room', async (store, blocks) => {
    const early = await retractionsOf(blocks.slice(0, 3))
    expect(addedOf(early, await store.put(early))).toEqual(idsOf(early))
    const here = blocks.slice(4, 8)
    await store.put(here)
    await store.erase(idsOf(here.slice(0, 1)), 'expired')
    await store.erase(idsOf(here.slice(1, 2)), 'pruned')
    const retractions = await retractionsOf(here, 4)
    expect(addedOf(retractions, await store.put(retractions))).toEqual(idsOf(retractions))
    expect((await store.put(here)).every(outcome => outcome === 'retracted')).toBe(true)
  })
  check('a retraction by another waits no more once the block is here, and makes room', async (store, blocks) => {
    const [mine, theirs] = [blocks[0]!, blocks[1]!]
    const [foreign, first, second] = [
      await retractionOf(theirs.block.id, 0),
      await retractionOf(mine.block.id, 0),
      await retractionOf(blocks[2]!.block.id, 0),
    ]
    expect(await store.put([foreign, first, second])).toEqual(['added', 'added', 'quota'])
    expect(await store.put([theirs])).toEqual(['added'])
    expect(await store.put([second])).toEqual(['added'])
    expect(await store.put([await retractionOf(blocks[4]!.block.id, 0)])).toEqual(['quota'])
    expect(await store.has(idsOf([theirs, foreign]))).toEqual([true, true])
  })
}

/** By the blocks' own authors; `from` is the number of the first among the samples. */
const retractionsOf = (blocks: readonly StoredBlock[], from = 0) =>
  Promise.all(blocks.map(({ block }, i) => retractionOf(block.id, (from + i) % 2)))
