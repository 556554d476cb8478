import type { BlockQuery, Rejudgement, StoreChange, StoredBlock } from '../store/index'
import { type Check, idsOf, keywraps, sampleBlocks, UNKNOWN_ID } from './sample-blocks'
import { collect, type SuiteRunner } from './suite-tools'

/** Blocks judged anew. */
export function judging({ expect }: SuiteRunner, check: Check): void {
  check('judging anew changes admission, code and count, and tells whose judgement it changed', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const [admitted, refused] = [blocks[0]!.block, blocks[3]!.block]
    const changes: StoreChange[] = []
    store.onChange(change => changes.push(change))
    const judgements: Rejudgement[] = [
      { id: admitted.id, admitted: false, code: 'limit' },
      { id: refused.id, admitted: true },
    ]
    expect(await store.judge(judgements)).toEqual([admitted.id, refused.id])
    expect(await store.get(admitted.id)).toEqual({ block: admitted, admitted: false, code: 'limit' })
    expect(await store.get(refused.id)).toEqual({ block: refused, admitted: true })
    const judged = [await store.get(admitted.id), await store.get(refused.id)]
    expect(changes).toEqual([{ added: [], judged, erased: [] }])
    const found = new Set(idsOf(await collect(store.query())))
    expect([found.has(admitted.id), found.has(refused.id)]).toEqual([false, true])
    expect((await store.stats()).admitted).toBe(18)
    expect((await collect(store.log())).length).toBe(blocks.length)
  })
  check('judging passes over what is not held or judged so already; the last of an id decides', async store => {
    const [first, second] = await sampleBlocks()
    await store.put([first!, second!])
    const changes: StoreChange[] = []
    store.onChange(change => changes.push(change))
    const { id } = first!.block
    expect(await store.judge([])).toEqual([])
    expect(await store.judge([{ id: UNKNOWN_ID, admitted: true }])).toEqual([])
    expect(
      await store.judge([
        { id, admitted: false, code: 'policy' },
        { id, admitted: true },
      ]),
    ).toEqual([])
    expect(changes).toEqual([])
    expect(
      await store.judge([
        { id, admitted: true },
        { id, admitted: false, code: 'policy' },
      ]),
    ).toEqual([id])
    expect((await store.stats()).admitted).toBe(1)
  })
  check('puts and judgements at the same time lose neither', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks.slice(0, 12))
    const refuse = ({ block: { id } }: StoredBlock) => store.judge([{ id, admitted: false, code: 'policy' }])
    await Promise.all(blocks.flatMap((block, i) => (i < 12 ? [refuse(block)] : [store.put([block])])))
    const admitted = blocks.slice(12).filter(block => block.admitted).length
    expect({ blocks: 24, admitted })
    expect((await collect(store.query())).length).toBe(admitted)
  })
}

/** Blocks about other blocks. */
export function relations({ expect }: SuiteRunner, check: Check): void {
  check('what is about a block is found by it, and by author', async store => {
    const [{ block }] = (await sampleBlocks()) as [StoredBlock]
    const wrapped = await keywraps(block.id)
    await store.put([...wrapped, ...(await sampleBlocks())])
    const about = async (query: BlockQuery) => idsOf(await collect(store.query(query)))
    expect(await about({ about: block.id })).toEqual(idsOf(wrapped))
    expect(await about({ about: block.id, author: wrapped[1]!.block.author })).toEqual(idsOf(wrapped.slice(1)))
    expect(await about({ about: block.id, author: block.author, kind: 'embedding' })).toEqual([])
    expect(await about({ about: UNKNOWN_ID })).toEqual([])
  })
}
