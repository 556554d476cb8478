import { describe, expect, test } from 'vitest'
import { Ingest } from '../../../src/ingest/index'
import { memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import { CosmicValidator } from '../../../src/validate/index'
import { withBadSignature, withSecondSignature } from '../../tools/forge-signature'
import { sampleBlock } from '../../tools/stored-block'
import { at, blockAt, funnel, HOUR, NOW } from './funnel'

describe('Ingest', () => {
  test('stores the valid in order and in one batch, reports the others, and announces once', async () => {
    const { ingest, store, stored, ids } = await funnel({ policy: { admit: block => block.time !== NOW - 2 } })
    const [a, b, c] = await Promise.all([NOW - 1, NOW - 2, NOW - 3].map(time => blockAt(time)))
    const late = await blockAt(NOW + HOUR)
    let changes = 0
    store.onChange(() => changes++)
    const inputs = [a!, new Uint8Array(5), b!.bytes, withBadSignature(await blockAt(NOW - 9)), late, c!, a!.bytes]
    const verdicts = await ingest.ingest(inputs, { source: 'did:key:peer' })
    expect(verdicts.map(({ status }) => status)).toEqual([
      'valid',
      'invalid',
      'valid',
      'invalid',
      'deferred',
      'valid',
      'valid',
    ])
    expect(verdicts[3]).toMatchObject({ code: 'bad-signature' })
    expect(await ids()).toEqual([a!.id, b!.id, c!.id])
    expect(await store.get(b!.id)).toMatchObject({ admitted: false, code: 'policy' })
    expect(changes).toBe(1)
    expect(stored.map(({ source, blocks }) => [source, blocks.map(({ block }) => block.id)])).toEqual([
      ['did:key:peer', [a!.id, b!.id, c!.id]],
    ])
  })

  test('stored bytes are not verified again and keep their judgement', async () => {
    const { ingest, stored, validated } = await funnel({ policy: { admit: () => false } })
    const block = await blockAt(NOW)
    await ingest.ingest([block])
    const [again] = await ingest.ingest([block.bytes])
    expect(again).toMatchObject({ status: 'valid', admitted: false, code: 'policy', block: { id: block.id } })
    expect([validated.length, stored.length]).toEqual([1, 1])
  })

  test('a known id under a bad signature is invalid and overwrites nothing', async () => {
    const { ingest, store } = await funnel()
    const block = await blockAt(NOW)
    await ingest.ingest([block])
    expect((await ingest.ingest([withBadSignature(block)]))[0]).toMatchObject({
      status: 'invalid',
      code: 'bad-signature',
    })
    expect((await store.get(block.id))!.block.bytes).toEqual(block.bytes)
  })

  test('a known id under another valid signature is valid; the first stored stays', async () => {
    const { ingest, store, stored } = await funnel()
    const block = await blockAt(NOW)
    const second = withSecondSignature(block, new Uint8Array(32).fill(1))
    expect(second).not.toEqual(block.bytes)
    await ingest.ingest([block])
    expect((await ingest.ingest([second]))[0]).toMatchObject({
      status: 'valid',
      admitted: true,
      block: { id: block.id },
    })
    expect((await store.get(block.id))!.block.bytes).toEqual(block.bytes)
    expect(stored.length).toBe(1)
  })

  test('whoever is shown a stored block and writes into its bytes has no other store take them', async () => {
    const store = await openBlockStore(memoryStorage())
    const other = await openBlockStore(memoryStorage())
    const ingest = new Ingest({ validator: new CosmicValidator(), store, clock: at(NOW) })
    const shown: StoredBlock[] = []
    store.onChange(({ added }) => shown.push(...added))
    await ingest.ingest(await Promise.all(Array.from({ length: 30 }, (_, i) => blockAt(NOW - i))))
    const before = shown.map(({ block }) => block.bytes.slice())
    const putting = other.put(shown)
    for (const { block } of shown) block.bytes.fill(0)
    await putting
    const held = await other.getMany(shown.map(({ block }) => block.id))
    expect(held.map(stored => stored?.block.bytes)).toEqual(before)
  })

  test('many blocks that come one by one at the same moment share a reading of the store', async () => {
    const { ingest, store, validated } = await funnel({ policy: { admit: block => block.time % 2 === 0 } })
    const blocks = await Promise.all(Array.from({ length: 1_200 }, (_, i) => blockAt(NOW - i)))
    await ingest.ingest(blocks.slice(0, 600))
    const reads: number[] = []
    const getMany = store.getMany.bind(store)
    store.getMany = ids => (reads.push(ids.length), getMany(ids))
    const verdicts = await Promise.all([...blocks, new Uint8Array(3)].map(block => ingest.ingest([block])))
    expect(reads).toEqual([1_024, 177])
    expect(validated.length).toBe(1_201)
    for (const [i, { id, time }] of blocks.entries())
      expect(verdicts[i]).toMatchObject([{ status: 'valid', block: { id }, admitted: time % 2 === 0 }])
    expect(verdicts[1_200]).toMatchObject([{ status: 'invalid' }])
    store.getMany = () => Promise.reject(new Error('disk'))
    expect(await Promise.all(blocks.slice(0, 2).map(block => ingest.ingest([block])))).toMatchObject([
      [{ status: 'valid' }],
      [{ status: 'valid' }],
    ])
  })

  test('a block that lies about its id is judged by its bytes alone', async () => {
    const { ingest, ids } = await funnel()
    const [known, forged] = [await blockAt(NOW), await blockAt(NOW - 1)]
    await ingest.ingest([known])
    const [verdict] = await ingest.ingest([{ ...forged, id: known.id, bytes: withBadSignature(forged) }])
    expect(verdict).toMatchObject({ status: 'invalid', code: 'bad-signature' })
    expect(await ids()).toEqual([known.id])
  })

  test('a fired signal stores nothing; a store that fails rejects and announces nothing', async () => {
    const { ingest, store, stored, ids } = await funnel()
    const block = await sampleBlock()
    await expect(ingest.ingest([block], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
    expect(await ids()).toEqual([])
    await store.close()
    await expect(ingest.ingest([block])).rejects.toMatchObject({ code: 'closed' })
    expect(stored).toEqual([])
  })

  test('verifies no more than its bound at once, in order of input', async () => {
    const { store } = await funnel()
    const validator = new CosmicValidator()
    let [under, most] = [0, 0]
    const slow = {
      validate: async (bytes: Parameters<typeof validator.validate>[0]) => {
        most = Math.max(most, ++under)
        await new Promise(resolve => setImmediate(resolve))
        return validator.validate(bytes).finally(() => under--)
      },
    }
    const ingest = new Ingest({ validator: slow, store, clock: { now: () => NOW }, concurrency: 3 })
    const blocks = await Promise.all(Array.from({ length: 20 }, (_, i) => sampleBlock({ time: 1000 - i })))
    const verdicts = await ingest.ingest(blocks)
    expect(most).toBe(3)
    expect(verdicts.map(verdict => verdict.status === 'valid' && verdict.block.id)).toEqual(blocks.map(({ id }) => id))
  })
})
