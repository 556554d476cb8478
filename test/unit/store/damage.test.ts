import { describe, expect, test } from 'vitest'
import { concat, type CosmicError, utf8 } from '../../../src/base/index'
import {
  type KeyValueStorage,
  memoryStorage,
  openBlockStore,
  readUint64,
  type StoredBlock,
  uint64,
} from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { storedBlock } from '../../tools/stored-block'

type Change = (value: Uint8Array, key: Uint8Array) => Uint8Array | undefined

const recordKey = ({ block }: StoredBlock) => utf8(`b${block.id}`)
const idsOf = (blocks: readonly StoredBlock[]) => blocks.map(({ block }) => block.id)
const flipped =
  (at: number, bit = 1) =>
  (bytes: Uint8Array) =>
    bytes.map((byte, i) => (i === at ? byte ^ bit : byte))

/** Changes the value under a key, or deletes it. */
async function damage(storage: KeyValueStorage, key: Uint8Array, change: Change) {
  const value = change((await storage.get(key))!, key)
  await storage.batch([value ? { type: 'put', key, value } : { type: 'delete', key }])
}

/** Everything under keys that begin with this letter. */
const space = async (storage: KeyValueStorage, letter: string) =>
  collect(storage.range({ gte: utf8(letter), lt: utf8(String.fromCharCode(letter.charCodeAt(0) + 1)) }))

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
      await damage(storage, recordKey(bad), change)
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
    const other = (await storage.get(recordKey(blocks[1]!)))!
    await damage(storage, recordKey(blocks[0]!), () => other)
    await damage(storage, recordKey(blocks[2]!), () => undefined)
    const store = await open()
    const before = await store.stats()
    await expect(store.get(blocks[0]!.block.id)).rejects.toMatchObject({ field: `blocks.${blocks[0]!.block.id}` })
    const whole = idsOf([blocks[1]!, blocks[3]!]).sort()
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
    for (const { block } of blocks.slice(0, 2)) await damage(storage, utf8(`b${block.id}`), flipped(90))
    await store.put([{ block: blocks[0]!.block, admitted: false, code: 'policy' }, blocks[1]!])
    expect(await store.stats()).toMatchObject({ blocks: 4, admitted: 3 })
  })
})

describe('a damaged log entry', () => {
  const changes: [string, Change][] = [
    ['a bad character in the id', flipped(30, 0x80)],
    ['an id of another form', value => concat(value.subarray(0, 8), utf8('none'))],
    ['no id', value => value.slice(0, 8)],
    ['a short value', value => value.slice(0, 4)],
    ['an impossible time', flipped(0, 0x40)],
  ]
  test.each(changes)('%s is passed over and reported; the rest stays in order', async (_name, change) => {
    const { storage, blocks, damages, open } = await filled()
    const [key] = (await space(storage, 'l'))[1]!
    await damage(storage, key, change)
    const store = await open()
    expect((await collect(store.log())).map(({ id }) => id)).toEqual(idsOf(blocks.filter((_, i) => i !== 1)))
    expect((await collect(store.log({ limit: 2 }))).map(({ seq }) => seq)).toEqual([1, 3])
    expect(damages).toEqual(['log.2', 'log.2'])
  })

  test('a key without a place is passed over, and the next block follows the last one', async () => {
    const { storage, blocks, damages, open } = await filled()
    await storage.batch([{ type: 'put', key: Uint8Array.of(0x6c, 0), value: new Uint8Array(3) }])
    await storage.batch([{ type: 'put', key: concat(utf8('l'), uint64(4), utf8('x')), value: new Uint8Array(3) }])
    const store = await open()
    await store.put([await storedBlock({ text: 'next' })])
    expect((await collect(store.log())).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expect(await store.stats()).toMatchObject({ blocks: 5 })
    expect(new Set(damages)).toEqual(new Set(['log']))
    expect(blocks.length).toBe(4)
  })
})

describe('damaged numbers', () => {
  const changes: [string, Change][] = [
    ['missing', () => undefined],
    ['short', value => value.slice(0, 7)],
    ['beyond all numbers', flipped(0, 0x40)],
    ['of a log that ends earlier', value => concat(value.subarray(0, 24), uint64(2))],
    ['of a log that ends later', value => concat(value.subarray(0, 24), uint64(9))],
  ]
  test.each(changes)('totals that are %s are counted anew', async (_name, change) => {
    const { storage, blocks, damages, open } = await filled()
    await (await open()).put([{ ...(await storedBlock({ text: 'not admitted' })), admitted: false, code: 'policy' }])
    const before = await (await open()).stats()
    await damage(storage, utf8('s'), change)
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

  test.each<[string, Change]>([
    ['short', value => value.slice(0, 3)],
    ['gone', () => undefined],
    ['beyond all numbers', () => new Uint8Array(8).fill(255)],
  ])('counts that are %s change no answer and count again', async (_name, change) => {
    const { storage, blocks, open } = await filled()
    for (const [key] of await space(storage, 'c')) await damage(storage, key, change)
    const store = await open()
    expect(idsOf(await collect(store.query({ tags: ['all', 'b'] })))).toEqual(idsOf([blocks[1]!]))
    const next = await storedBlock({ text: 'next', tags: ['all', 'b'] })
    await store.put([next])
    expect((await collect(store.query({ tags: ['all', 'b'] }))).length).toBe(2)
    const [, count] = (await space(storage, 'c')).find(([key]) => key.at(-1) === 0x62)!
    expect(readUint64(count, 0)).toBe(1)
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

test('damaged index entries are passed over', async () => {
  const { storage, blocks, damages, open } = await filled()
  const [first, second] = await space(storage, 'k')
  await storage.batch([
    { type: 'delete', key: first![0] },
    { type: 'put', key: first![0].slice(0, 12), value: new Uint8Array(0) },
    { type: 'delete', key: second![0] },
    { type: 'put', key: flipped(second![0].length - 1, 0x80)(second![0]), value: new Uint8Array(0) },
  ])
  const store = await open()
  expect((await collect(store.query({ kind: 'embedding' }))).length).toBe(2)
  expect((await collect(store.query())).length).toBe(blocks.length)
  expect(damages.length).toBeGreaterThan(0)
})
