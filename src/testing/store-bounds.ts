import { MAX_PUT_BYTES } from '../store/index'
import { type Check, idsOf, largeBlock, sampleBlocks } from './sample-blocks'
import { retractionOf } from './store-erasing'
import { collect, rejection, type SuiteRunner } from './suite-tools'

/** What a put may hold. */
export function limits({ expect }: SuiteRunner, check: Check): void {
  check('a batch beyond the limit is refused whole', async store => {
    const blocks = await sampleBlocks()
    const many = Array.from({ length: 10_001 }, (_, i) => blocks[i % blocks.length]!)
    expect(await refusalOf(store.put(many))).toEqual(['limit', 'put.blocks'])
    expect(await rejection(store.put(blocks, { signal: AbortSignal.abort() }))).toBe('aborted')
    expect((await store.stats()).blocks).toBe(0)
    expect((await store.put(many.slice(1))).filter(outcome => outcome === 'added').length).toBe(24)
  })
  check('so is one of more than 64 MiB', async store => {
    const large = await largeBlock()
    const most = Math.floor(MAX_PUT_BYTES / large.block.bytes.length)
    const many = Array.from({ length: most + 1 }, () => large)
    expect(await refusalOf(store.put(many))).toEqual(['limit', 'put.bytes'])
    expect((await store.stats()).blocks).toBe(0)
    expect((await store.put(many.slice(1))).filter(outcome => outcome === 'added').length).toBe(1)
  })
}

async function refusalOf(putting: Promise<unknown>): Promise<unknown[]> {
  const error = await putting.catch((failure: unknown) => failure)
  const { code, field } = error as { code?: unknown; field?: unknown }
  return [code, field]
}

/** What is kept in memory of blocks that were read. */
export function remembering({ expect }: SuiteRunner, check: Check): void {
  check('what was read before is not remembered once it is erased or judged anew', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const ids = idsOf(blocks.slice(0, 6))
    const remember = async () => {
      for (const id of ids) await store.get(id)
      await collect(store.query({ admittedOnly: false }))
    }
    await remember()
    await store.judge([{ id: ids[0]!, admitted: false, code: 'limit' }])
    expect(await store.get(ids[0]!)).toEqual({ block: blocks[0]!.block, admitted: false, code: 'limit' })
    await remember()
    await store.erase(ids.slice(0, 1), 'expired')
    await store.erase(ids.slice(1, 2), 'pruned')
    await store.erase(ids.slice(2, 3), 'below-floor')
    await store.put([await retractionOf(ids[3]!, 1)])
    for (const id of ids.slice(0, 4)) expect(await store.get(id)).toBe(undefined)
    expect(await store.getMany(ids)).toEqual([...ids.slice(0, 4).map(() => undefined), blocks[4], blocks[5]])
    await store.dropBelow(Infinity, 100)
    expect((await store.getMany(ids)).every(stored => stored === undefined)).toBe(true)
  })
}
