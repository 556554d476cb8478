import { describe, expect, test } from 'vitest'
import { concat, utf8 } from '../../../src/base/index'
import { Ingest, LOCAL_SOURCE, openDeferredQueue } from '../../../src/ingest/index'
import { collect } from '../../../src/testing/suite-tools'
import { CosmicValidator } from '../../../src/validate/index'
import { at, blockAt, funnel, HOUR, NOW } from './funnel'

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

  test('what finds no room says so; what waits already, and what is kept, do not', async () => {
    const { ingest } = await funnel({ maxCount: 1 })
    const [first, second] = await Promise.all([1, 2].map(i => blockAt(NOW + i * HOUR)))
    const none = { status: 'deferred', code: 'limit', field: 'deferred' }
    const verdicts = await ingest.ingest([first!, second!, first!])
    expect(verdicts[1]).toMatchObject({ ...none, until: NOW + 2 * HOUR, block: { id: second!.id } })
    for (const kept of [verdicts[0], verdicts[2], (await ingest.ingest([first!]))[0]]) {
      expect(kept!.status).toBe('deferred')
      expect(kept).not.toHaveProperty('code')
    }
    const { store } = await funnel()
    const queueless = new Ingest({ validator: new CosmicValidator({ clock: at(NOW) }), store, clock: at(NOW) })
    expect((await queueless.ingest([first!]))[0]).toMatchObject(none)
  })

  test('others cannot take the room of own blocks, nor one source the room of all; also after a restart', async () => {
    const bounds = { maxCount: 5, maxCountPerSource: 2, maxBytes: 1e6, maxBytesPerSource: 1e6 }
    const before = await funnel(bounds)
    const blocks = await Promise.all(Array.from({ length: 14 }, (_, i) => blockAt(NOW + (i + 1) * HOUR)))
    const take = async ({ ingest }: typeof before, source: string | undefined, from: number, to: number) => {
      const verdicts = await ingest.ingest(blocks.slice(from, to), source === undefined ? {} : { source })
      return verdicts.filter(verdict => !('code' in verdict)).length
    }
    expect(await take(before, 'did:key:a', 0, 4)).toBe(2)
    const after = await funnel({ ...bounds, storage: before.storage })
    expect(await take(after, 'did:key:a', 2, 4)).toBe(0)
    expect(await take(after, 'did:key:b', 2, 5)).toBe(2)
    expect(await take(after, 'did:key:c', 5, 7)).toBe(1)
    expect(await take(after, LOCAL_SOURCE, 8, 11)).toBe(3)
    expect(await take(after, undefined, 11, 14)).toBe(2)
    expect(after.queue.count).toBe(10)
    const again = await funnel({ ...bounds, storage: before.storage })
    expect(await take(again, LOCAL_SOURCE, 13, 14)).toBe(0)
    again.time.now = NOW + HOUR
    await again.ingest.releaseDue()
    expect(await take(again, 'did:key:a', 7, 8)).toBe(1)
  })

  test('one source has a quota of bytes, and a name of any length', async () => {
    const blocks = await Promise.all([1, 2, 3].map(i => blockAt(NOW + i * HOUR)))
    const size = blocks[0]!.bytes.length
    const { ingest, queue, storage } = await funnel({ maxBytesPerSource: 2 * size + 8 })
    await ingest.ingest(blocks, { source: 'x'.repeat(5000) })
    expect([queue.count, (await openDeferredQueue(storage)).bytes]).toEqual([2, queue.bytes])
    await ingest.ingest(blocks, { source: `${'x'.repeat(5000)}y` })
    expect(queue.count).toBe(2)
  })

  test('damaged entries are passed over and reported, and hold nothing up', async () => {
    const { storage, ingest } = await funnel()
    await ingest.ingest([await blockAt(NOW + HOUR)])
    const [[key, value] = []] = await collect(storage.range({ gte: utf8('q'), lt: utf8('r') }))
    await storage.batch([
      { type: 'put', key: utf8('q\u0001'), value: new Uint8Array(5) },
      { type: 'put', key: concat(key!.subarray(0, 9), utf8('no id')), value: value! },
      { type: 'put', key: concat(utf8('q'), new Uint8Array(8).fill(255), key!.subarray(9)), value: value! },
      { type: 'put', key: concat(utf8('q'), new Uint8Array(8), key!.subarray(9)), value: new Uint8Array(0) },
      { type: 'put', key: concat(utf8('q'), new Uint8Array(7), key!.subarray(8)), value: Uint8Array.of(200, 1) },
    ])
    const damages: unknown[] = []
    const queue = await openDeferredQueue(storage, { onDamage: ({ code, field }) => damages.push([code, field]) })
    expect(damages).toEqual(Array.from({ length: 5 }, () => ['storage', 'deferred']))
    expect([queue.count, queue.nextDue]).toEqual([1, NOW + HOUR])
    expect((await queue.due(NOW + HOUR)).length).toBe(1)
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
