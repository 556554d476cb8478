import { describe, expect, test } from 'vitest'
import { Cid, concat, type CosmicError, unwrap, utf8 } from '../../../src/base/index'
import { memoryStorage, openBlockStore, readUint64, type StoredBlock } from '../../../src/store/index'
import { byTime, UNKNOWN_ID } from '../../../src/testing/sample-blocks'
import { retractionOf } from '../../../src/testing/store-erasing'
import { collect } from '../../../src/testing/suite-tools'
import { damage, recordKeyOf, spoilRecord } from '../../tools/store-keys'
import { storedBlock } from '../../tools/stored-block'

type Change = (value: Uint8Array, key: Uint8Array) => Uint8Array | undefined

const idsOf = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)
const flipped =
  (at: number, bit = 1) =>
  (bytes: Uint8Array) =>
    bytes.map((byte, i) => (i === at ? byte ^ bit : byte))

async function filled() {
  const storage = memoryStorage()
  const blocks = await Promise.all(['a', 'b', 'c', 'd'].map(text => storedBlock({ text, tags: ['all', text] })))
  await (await openBlockStore(storage)).put(blocks)
  const damages: (string | undefined)[] = []
  const open = () => openBlockStore(storage, { onDamage: (error: CosmicError) => damages.push(error.field) })
  return { storage, blocks, damages, open }
}

describe('a damaged record', () => {
  test('any flipped bit and any cut is noticed, names the block, and leaves the rest readable', async () => {
    const [bad, good] = [await storedBlock({ text: 'bad' }), await storedBlock({ text: 'good' })]
    const error = { code: 'storage', field: `blocks.${bad.block.id}` }
    const size = 6 + bad.block.bytes.length
    const places = Array.from({ length: size }, (_, i) => i).filter(i => i < 12 || i > size - 70 || i % 13 === 0)
    for (const change of [
      ...places.map(at => flipped(at)),
      () => new Uint8Array(0),
      (record: Uint8Array) => record.slice(0, -1),
    ]) {
      const storage = memoryStorage()
      const damages: unknown[] = []
      const store = await openBlockStore(storage, { onDamage: ({ code, field }) => damages.push({ code, field }) })
      await store.put([bad, good])
      await damage(storage, await recordKeyOf(storage, bad.block.id), change)
      await expect(store.get(bad.block.id)).rejects.toMatchObject(error)
      expect(await store.getMany(idsOf([good, bad, good]))).toEqual([good, undefined, good])
      expect(await collect(store.query())).toEqual([good])
      expect(await store.has(idsOf([bad, good]))).toEqual([false, true])
      expect(damages).toEqual([error, error])
      expect(await store.put([bad, good])).toEqual(['added', 'known'])
      expect(await store.get(bad.block.id)).toEqual(bad)
    }
  })

  test('a whole record under the wrong id, and an index entry without a record, are damage too', async () => {
    const { storage, blocks, damages, open } = await filled()
    const other = (await storage.get(await recordKeyOf(storage, blocks[1]!.block.id)))!
    await damage(storage, await recordKeyOf(storage, blocks[0]!.block.id), () => other)
    await damage(storage, await recordKeyOf(storage, blocks[2]!.block.id), () => undefined)
    const store = await open()
    const before = await store.stats()
    await expect(store.get(blocks[0]!.block.id)).rejects.toMatchObject({ field: `blocks.${blocks[0]!.block.id}` })
    const whole = idsOf([blocks[1]!, blocks[3]!].sort(byTime))
    expect(idsOf(await collect(store.query({ tags: ['all'] })))).toEqual(whole)
    expect(damages.sort()).toEqual([`blocks.${blocks[0]!.block.id}`, `blocks.${blocks[2]!.block.id}`].sort())
    expect(await store.put(blocks)).toEqual(['added', 'known', 'added', 'known'])
    expect(await store.stats()).toEqual(before)
    const lines = (await collect(store.log())).map(({ id, state }) => [id, state])
    const [a, b, c, d] = idsOf(blocks)
    const [left, again] = [[a, c].map(id => [id, 'erased']), [a, c].map(id => [id, 'held'])]
    expect(lines).toEqual([left[0], [b, 'held'], left[1], [d, 'held'], ...again])
    expect((await collect(store.query({ tags: ['all'] }))).length).toBe(4)
  })

  test('mended under another judgement, it counts as it is judged now', async () => {
    const { storage, blocks, open } = await filled()
    const store = await open()
    for (const { block } of blocks.slice(0, 2)) await spoilRecord(storage, block.id)
    await store.put([{ block: blocks[0]!.block, admitted: false, code: 'policy' }, blocks[1]!])
    expect(await store.stats()).toMatchObject({ blocks: 4, admitted: 3 })
  })
})

describe('damaged numbers', () => {
  const changes: [string, Change][] = [
    ['missing', () => undefined],
    ['short', value => value.slice(0, 7)],
    ['another bit', flipped(40, 0x40)],
    ['of an earlier batch', value => concat(value.subarray(0, 4), value.subarray(10))],
  ]
  test.each(changes)('totals that are %s are counted anew', async (_name, change) => {
    const { storage, blocks, damages, open } = await filled()
    await (await open()).put([{ ...(await storedBlock({ text: 'not admitted' })), admitted: false, code: 'policy' }])
    const before = await (await open()).stats()
    await damage(storage, utf8('e'), change)
    const store = await open()
    expect(await store.stats()).toEqual(before)
    await store.put([await storedBlock({ text: 'next' })])
    expect((await collect(store.log())).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
    expect(await store.stats()).toMatchObject({ blocks: blocks.length + 2, admitted: blocks.length + 1 })
    expect(damages).toEqual(['totals'])
  })

  test('whole totals are left alone, and nothing is reported', async () => {
    const { damages, open } = await filled()
    await open()
    expect(damages).toEqual([])
  })

  test('a number that is cut short, or none, is a typed error', () => {
    for (const [bytes, offset] of [
      [new Uint8Array(7), 0],
      [new Uint8Array(8), 1],
      [new Uint8Array(8).fill(255), 0],
    ] as const) {
      expect(() => readUint64(bytes, offset)).toThrow(expect.objectContaining({ code: 'storage' }))
    }
  })
})

describe('damage anywhere', () => {
  let made: ReturnType<typeof make> | undefined

  /** The same store again and again. */
  async function history() {
    const { entries, blocks } = await (made ??= make())
    const storage = memoryStorage()
    await storage.batch(entries.map(([key, value]) => ({ type: 'put', key, value })))
    return { storage, blocks }
  }

  async function make() {
    const storage = memoryStorage()
    const blocks = await Promise.all(
      Array.from({ length: 12 }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i, tags: ['all', `${i % 3}`] })),
    )
    const store = await openBlockStore(storage)
    await store.put(blocks)
    await store.put([await retractionOf(blocks[0]!.block.id, 0), await retractionOf(UNKNOWN_ID, 0)])
    await store.erase([blocks[1]!.block.id], 'pruned')
    await store.erase([blocks[2]!.block.id], 'expired')
    return { entries: await collect(storage.range()), blocks: blocks.slice(3) }
  }

  test('a batch that meets a damaged index makes all indexes anew, and is then stored', async () => {
    for (const space of 'diz') {
      const { storage, blocks } = await history()
      const [key] = (await collect(storage.range({ gte: utf8(space), limit: 1 })))[0]!
      await damage(storage, key, flipped(6))
      const damages: (string | undefined)[] = []
      const store = await openBlockStore(storage, { onDamage: ({ field }) => damages.push(field) })
      const next = await storedBlock({ text: 'next', time: 1100, tags: ['all', '0'] })
      expect(await store.put([next])).toEqual(['added'])
      expect(damages.length).toBe(1)
      expect(idsOf(await collect(store.query({ tags: ['all'] })))).toEqual(idsOf([...blocks, next]))
      expect((await collect(store.check!())).flatMap(({ finding }) => finding ?? [])).toEqual([])
    }
  })

  test('a block whose id is damaged is read all the same, and not stored a second time', async () => {
    const { storage, blocks } = await history()
    await damage(storage, concat(utf8('n'), unwrap(Cid.parse(blocks[0]!.block.id)).digest), flipped(6))
    const store = await openBlockStore(storage)
    expect(await store.has(idsOf(blocks.slice(0, 2)))).toEqual([true, true])
    expect(new Set(await store.put(blocks))).toEqual(new Set(['known']))
    expect(await store.get(blocks[0]!.block.id)).toEqual(blocks[0])
  })

  test('a block whose record and log run were damaged has its time in the log again once it comes back', async () => {
    const { storage, blocks, open } = await filled()
    const lost = blocks[1]!
    await spoilRecord(storage, lost.block.id)
    const [run] = (await collect(storage.range({ gte: utf8('z'), limit: 1 })))[0]!
    await damage(storage, run, flipped(30))
    const store = await open()
    await collect(store.repair!())
    expect(await store.put([lost])).toEqual(['added'])
    const again = await open()
    expect((await collect(again.check!())).flatMap(({ finding }) => finding ?? [])).toEqual([])
    const times = new Map((await collect(again.members())).flat().map(({ id, time }) => [id, time]))
    expect(times.get(lost.block.id)).toBe(lost.block.time)
  })

  test('a repair that was cut short is begun again when the store is opened', async () => {
    for (let batches = 1; batches < 6; batches++) {
      const { storage, blocks } = await history()
      let left = Infinity
      const cut = new Proxy(storage, {
        get: (target, name) =>
          name === 'batch'
            ? (operations: Parameters<typeof storage.batch>[0]) =>
                left-- > 0 ? target.batch(operations) : Promise.reject(new Error('killed'))
            : (target[name as keyof typeof target] as () => unknown).bind(target),
      })
      const store = await openBlockStore(cut)
      left = batches
      await collect(store.repair!()).catch(() => undefined)
      const again = await openBlockStore(storage)
      expect((await collect(again.check!())).flatMap(({ finding }) => finding ?? [])).toEqual([])
      expect(idsOf(await collect(again.query({ tags: ['all'] })))).toEqual(idsOf(blocks))
    }
  })
})

test.each(['signal', 'break'])(
  'a repair that was stopped by %s loses nothing: it ends before the next write',
  async how => {
    const store = await openBlockStore(memoryStorage())
    const blocks = await Promise.all(
      Array.from({ length: 300 }, (_, i) => storedBlock({ text: `${i}`, time: 1000 + i })),
    )
    await store.put(blocks.slice(0, 299))
    const abort = new AbortController()
    const stopped = (async () => {
      for await (const _ of store.repair!({ signal: abort.signal })) {
        if (how === 'break') break
        abort.abort()
      }
    })()
    if (how === 'break') await stopped
    else await expect(stopped).rejects.toMatchObject({ code: 'aborted' })
    expect(await store.put(blocks.slice(299))).toEqual(['added'])
    const ids = blocks.map(({ block }) => block.id)
    expect((await store.has(ids)).every(Boolean)).toBe(true)
    expect((await store.pageIds({ limit: 1000 })).items).toEqual(ids)
    expect((await collect(store.check!())).flatMap(({ finding }) => finding ?? [])).toEqual([])
    await expect(collect(store.repair!({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'aborted' })
    expect((await store.stats()).blocks).toBe(300)
  },
)
