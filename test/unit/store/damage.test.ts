import { describe, expect, test } from 'vitest'
import { concat, type CosmicError, utf8 } from '../../../src/base/index'
import { memoryStorage, openBlockStore, readUint64, type StoredBlock } from '../../../src/store/index'
import { byTime } from '../../../src/testing/sample-blocks'
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
    expect((await collect(store.log())).map(({ id }) => id)).toEqual(idsOf(blocks))
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
