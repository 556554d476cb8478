import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../src/base/index'
import { type DeferredQueueOptions, Ingest, openDeferredQueue, type Stored } from '../../../src/ingest/index'
import { type KeyValueStorage, memoryStorage, openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { CosmicValidator, type Policy } from '../../../src/validate/index'
import { withBadSignature, withSecondSignature } from '../../tools/forge-signature'
import { sampleBlock, signerOf } from '../../tools/stored-block'
import { createBlock } from '../../../src/block/index'

const NOW = 1_800_000_000_000
const HOUR = 3_600_000

interface Setting extends DeferredQueueOptions {
  readonly storage?: KeyValueStorage
  readonly policy?: Policy
}

/** The real funnel over the real validator and store, with a clock that the test sets. */
async function funnel({ storage = memoryStorage(), policy = {}, ...bounds }: Setting = {}) {
  const time = { now: NOW }
  const clock: Clock = { now: () => time.now }
  const store = await openBlockStore(storage)
  const queue = await openDeferredQueue(storage, bounds)
  const validator = new CosmicValidator({ maxSkew: 0, ...policy, clock })
  const validated: number[] = []
  const counting = {
    validate: (bytes: Parameters<typeof validator.validate>[0]) => {
      validated.push(1)
      return validator.validate(bytes)
    },
  }
  const ingest = new Ingest({ validator: counting, store, queue, clock })
  const stored: Stored[] = []
  ingest.on('stored', event => stored.push(event))
  const ids = async () => (await collect(store.log())).map(({ id }) => id)
  return { storage, store, queue, ingest, stored, time, ids, validated }
}

/** Dated from the test's clock; not judged by the wall clock. */
const blockAt = async (time: number, text = `at ${time}`) =>
  createBlock(
    { embedding: [1, 2, 3], model: 'test:model', input: { type: 'text', content: text }, time },
    await signerOf(1),
  )

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

describe('deferred blocks', () => {
  test('wait unannounced, survive a restart, and enter when due, the earliest first', async () => {
    const before = await funnel()
    const [later, sooner] = [await blockAt(NOW + 2 * HOUR), await blockAt(NOW + HOUR)]
    await before.ingest.ingest([later, sooner])
    expect([before.stored, await before.ids(), before.ingest.nextDue]).toEqual([[], [], NOW + HOUR])

    const { ingest, stored, ids, time, queue } = await funnel({ storage: before.storage })
    expect(queue.count).toBe(2)
    time.now = NOW + HOUR - 1
    expect(await ingest.releaseDue()).toEqual([])
    time.now = NOW + HOUR
    expect((await ingest.releaseDue()).map(({ status }) => status)).toEqual(['valid'])
    expect([await ids(), ingest.nextDue]).toEqual([[sooner.id], NOW + 2 * HOUR])
    time.now = NOW + 3 * HOUR
    await ingest.releaseDue()
    expect([await ids(), ingest.nextDue, queue.bytes]).toEqual([[sooner.id, later.id], undefined, 0])
    expect(stored.map(({ source }) => source)).toEqual(['deferred', 'deferred'])
  })

  test('later than a day beyond the skew is reported and not kept', async () => {
    const { ingest, queue } = await funnel()
    const [within, beyond] = [await blockAt(NOW + 24 * HOUR), await blockAt(NOW + 24 * HOUR + 1)]
    const verdicts = await ingest.ingest([within, beyond])
    expect(verdicts).toMatchObject([{ status: 'deferred' }, { status: 'deferred', code: 'time-future' }])
    expect(queue.count).toBe(1)
    expect(verdicts[0]).not.toHaveProperty('code')
  })

  test('the queue takes no more than its count and its bytes, and never twice the same', async () => {
    const blocks = await Promise.all([1, 2, 3, 4].map(i => blockAt(NOW + i * HOUR)))
    const byCount = await funnel({ maxCount: 2 })
    await Promise.all([...blocks, ...blocks].map(block => byCount.ingest.ingest([block])))
    expect(byCount.queue.count).toBe(2)
    const size = blocks[0]!.bytes.length
    const byBytes = await funnel({ maxBytes: 3 * size + 8 })
    expect((await byBytes.ingest.ingest([...blocks, ...blocks])).length).toBe(8)
    expect([byBytes.queue.count, byBytes.queue.bytes <= 3 * size + 8]).toEqual([3, true])
    byBytes.time.now = NOW + 9 * HOUR
    await byBytes.ingest.releaseDue()
    expect([byBytes.queue.count, (await byBytes.ids()).length]).toEqual([0, 3])
  })

  test('a clock set back keeps them waiting; another skew moves them; damage drops out', async () => {
    const { storage, ingest, queue, ids } = await funnel()
    const block = await blockAt(NOW + HOUR)
    await ingest.ingest([block])
    expect((await ingest.releaseDue(NOW + HOUR)).map(({ status }) => status)).toEqual(['deferred'])
    expect([queue.count, await ids()]).toEqual([1, []])
    const tolerant = await funnel({ storage, policy: { maxSkew: HOUR / 2 } })
    await tolerant.ingest.ingest([block])
    expect([tolerant.queue.count, tolerant.ingest.nextDue]).toEqual([1, NOW + HOUR / 2])
    const [[key, bytes] = []] = await collect(storage.range({ gte: Uint8Array.of(0x71), lt: Uint8Array.of(0x72) }))
    await storage.batch([{ type: 'put', key: key!, value: bytes!.slice(0, -1) }])
    tolerant.time.now = NOW + HOUR
    expect((await tolerant.ingest.releaseDue()).map(({ status }) => status)).toEqual(['invalid'])
    expect([tolerant.queue.count, await tolerant.ids()]).toEqual([0, []])
  })

  test('one that came by another way meanwhile leaves the queue', async () => {
    const { ingest, queue, time, stored } = await funnel()
    const block = await blockAt(NOW + HOUR)
    await ingest.ingest([block])
    time.now = NOW + HOUR
    await ingest.ingest([block], { source: 'peer' })
    await ingest.releaseDue()
    expect([queue.count, stored.length]).toEqual([0, 1])
  })
})
