import { toHex, utf8 } from '../base/index'
import { CHAIN_BYTES, digestOf, type LogCursor, nextChain } from '../store/index'
import { type Check, idsOf, sampleBlocks } from './sample-blocks'
import { membersOf } from './store-erasing'
import { collect, rejection, type SuiteRunner } from './suite-tools'

/** The arrival log, and what is kept beside the blocks. */
export function logging({ expect }: SuiteRunner, check: Check): void {
  check('a cursor of the log leads on from its place, and one of another log is stale', async store => {
    const blocks = await sampleBlocks()
    const start = await store.position()
    await store.put(blocks.slice(0, 10))
    const middle = await store.position()
    await store.put(blocks.slice(10))
    const end = await store.position()
    const after = async (cursor: LogCursor) => (await collect(store.log({ after: cursor }))).map(({ id }) => id)
    expect(await after(start)).toEqual(idsOf(blocks))
    expect(await after(middle)).toEqual(idsOf(blocks.slice(10)))
    expect(await after(end)).toEqual([])
    const chained = idsOf(blocks).reduce<Uint8Array>(
      (chain, id) => nextChain(chain, digestOf(id)!),
      new Uint8Array(CHAIN_BYTES),
    )
    expect(end.chain).toBe(toHex(chained))
    expect([start.seq, middle.seq, end.seq, new Set([start, middle, end].map(({ epoch }) => epoch)).size]).toEqual([
      0, 10, 24, 1,
    ])
    const stale = [
      { ...middle, seq: 11 },
      { ...middle, chain: end.chain },
      { ...middle, epoch: '0'.repeat(32) },
      { ...end, seq: 25 },
    ]
    for (const cursor of stale) expect(await rejection(collect(store.log({ after: cursor })))).toBe('stale-cursor')
    const renewed = await store.renewEpoch()
    expect([renewed.seq, renewed.chain, renewed.epoch === end.epoch]).toEqual([end.seq, end.chain, false])
    expect(await rejection(collect(store.log({ after: end })))).toBe('stale-cursor')
    expect(await after(renewed)).toEqual([])
  })
  check('erasing changes no place of the log, nor its chain', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const before = await store.position()
    await store.erase(idsOf(blocks.slice(3, 6)), 'expired')
    expect(await store.position()).toEqual(before)
    expect(await collect(store.log({ after: before }))).toEqual([])
    expect((await membersOf(store)).toSorted()).toEqual(idsOf(blocks.filter((_, i) => i < 3 || i > 5)).toSorted())
  })
  check('what other rooms keep beside the blocks is theirs alone, and closing it closes nothing', async store => {
    const key = utf8('mine')
    await store.side.batch([{ type: 'put', key, value: utf8('1') }])
    await store.put(await sampleBlocks())
    await store.side.close()
    expect(await store.side.get(key)).toEqual(utf8('1'))
    expect((await collect(store.side.range())).map(([found]) => found)).toEqual([key])
    expect((await collect(store.side.range({ gte: key, lt: utf8('minf'), reverse: true }))).length).toBe(1)
    await store.side.batch([{ type: 'delete', key }])
    expect(await store.side.getMany([key])).toEqual([undefined])
  })
}

/** What a restored backup or a clone shows by. */
export function restoring({ expect }: SuiteRunner, check: Check): void {
  check('a cursor of a place that the log does not have begins a new epoch, once', async store => {
    const blocks = await sampleBlocks()
    const start = await store.position()
    await store.put(blocks)
    const end = await store.position()
    expect(await store.noticeCursor(start)).toBe('known')
    expect(await store.noticeCursor(end)).toBe('known')
    expect(await store.noticeCursor({ ...end, epoch: '0'.repeat(32), seq: 25 })).toBe('stale')
    expect(await store.position()).toEqual(end)
    // Its copy went on to another block, or to one more.
    const impossible = [
      { ...end, chain: start.chain },
      { ...end, seq: 25 },
      { ...end, seq: 2 ** 60 },
    ]
    for (const cursor of impossible) {
      const { epoch, ...place } = await store.position()
      const presented = { ...cursor, epoch }
      const notices = await Promise.all([store.noticeCursor(presented), store.noticeCursor(presented)])
      expect(notices.toSorted()).toEqual(['renewed', 'stale'])
      const renewed = await store.position()
      expect({ ...renewed, epoch }).toEqual({ ...place, epoch })
      expect(renewed.epoch === epoch).toBe(false)
      expect(await rejection(collect(store.log({ after: { ...end, epoch } })))).toBe('stale-cursor')
      expect(await store.noticeCursor(renewed)).toBe('known')
    }
  })
}
