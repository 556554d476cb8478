import { compare } from '../base/index'
import type { KeyValueStorage } from '../store/index'
import { compactionChecks } from './key-value-compaction'
import { type Check, key, keyLimits, keysOf, malformedCalls, put, remove } from './key-value-calls'
import { readRunner, readSubject } from './read-subject'
import { collect, rejection, type SuiteRunner } from './suite-tools'

export interface KeyValueStorageSubject {
  readonly name: string
  /** A new, empty storage each time. */
  open(): Promise<KeyValueStorage>
  /** Durable adapters only: opens again what the last `open` made, which the suite has closed. */
  reopen?(): Promise<KeyValueStorage>
  /** A range reads one state throughout, the one at its first step; otherwise only each of its pages does. */
  readonly snapshotRanges?: boolean
  /** The longest key, in bytes; default: `MAX_KEY_BYTES`. */
  readonly maxKeyBytes?: number
}

/**
 * What every `KeyValueStorage` must do. Run it on your own adapter:
 *
 * @example
 * ```ts
 * import { describe, expect, test } from 'vitest'
 * keyValueStorageSuite({ describe, test, expect }, { name: 'mine', open: async () => myStorage() })
 * ```
 */
export function keyValueStorageSuite(runner: SuiteRunner, subject: KeyValueStorageSubject): void {
  readRunner(runner, 'runner')
  readSubject(subject)
  runner.describe(`KeyValueStorage: ${subject.name}`, () => {
    const check: Check = (name, body) =>
      runner.test(name, async () => {
        const storage = await subject.open()
        await body(storage).finally(() => storage.close())
      })
    values(runner, check)
    ranges(runner, check)
    states(runner, check, subject)
    signals(runner, check)
    modelled(runner, check)
    keyLimits(runner, check, subject.maxKeyBytes)
    malformedCalls(runner, check)
    compactionChecks(runner, check)
    lifecycle(runner, check, subject)
  })
}

function values({ expect }: SuiteRunner, check: Check): void {
  check('absence is undefined, also after a delete', async storage => {
    expect(await storage.get(key(1))).toBe(undefined)
    await storage.batch([put(key(1), key(9)), put(key(2), key())])
    await storage.batch([remove(key(1)), remove(key(3))])
    expect(await storage.getMany([key(2), key(1), key(2)])).toEqual([key(), undefined, key()])
  })
  check('the last operation on a key decides', async storage => {
    await storage.batch([put(key(1), key(1)), remove(key(1)), put(key(1), key(2)), put(key(2), key(1)), remove(key(2))])
    expect(await storage.getMany([key(1), key(2)])).toEqual([key(2), undefined])
  })
  check('what goes in and comes out is copied, as plain Uint8Array', async storage => {
    const value = key(1, 2)
    await storage.batch([put(key(1), value)])
    value.fill(0)
    for (const out of [await storage.get(key(1)), (await collect(storage.range()))[0]?.[1]]) {
      expect([...out!]).toEqual([1, 2])
      expect(Object.getPrototypeOf(out)).toBe(Uint8Array.prototype)
      out!.fill(8)
    }
    expect([...(await storage.get(key(1)))!]).toEqual([1, 2])
  })
  check('takes large values', async storage => {
    const large = new Uint8Array(600_000).map((_, i) => i * 31)
    await storage.batch([put(key(1), large)])
    expect(compare((await storage.get(key(1)))!, large)).toBe(0)
  })
  check('concurrent batches all land, in the order of the calls', async storage => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => storage.batch([put(key(i), key(i)), put(key(255), key(i))])))
    expect((await collect(storage.range({ lt: key(255) }))).length).toBe(50)
    expect(await storage.get(key(255))).toEqual(key(49))
  })
}

function ranges({ expect }: SuiteRunner, check: Check): void {
  check('keys are in unsigned byte order, a prefix first', async storage => {
    const ordered = [[0], [0, 0], [0, 255], [1], [127], [128, 1], [255], [255, 0], [255, 255]]
    await storage.batch(ordered.toReversed().map(bytes => put(key(...bytes), key(1))))
    expect(await keysOf(storage.range())).toEqual(ordered)
    expect(await keysOf(storage.range({ reverse: true }))).toEqual(ordered.toReversed())
    expect(await keysOf(storage.range({ gte: key(0, 0), lt: key(128, 1) }))).toEqual([[0, 0], [0, 255], [1], [127]])
    expect(await keysOf(storage.range({ gte: key(0, 0), lt: key(128), reverse: true, limit: 2 }))).toEqual([[127], [1]])
  })
  check('empty and inverted ranges have no entries', async storage => {
    expect(await keysOf(storage.range())).toEqual([])
    await storage.batch([put(key(5), key(1))])
    for (const reverse of [false, true]) {
      expect(await keysOf(storage.range({ gte: key(6), lt: key(5), reverse }))).toEqual([])
      expect(await keysOf(storage.range({ gte: key(5), lt: key(5), reverse }))).toEqual([])
      expect(await keysOf(storage.range({ limit: 0, reverse }))).toEqual([])
    }
  })
  check('a range sees once what a concurrent batch leaves alone, and may be left early', async storage => {
    await storage.batch(Array.from({ length: 2000 }, (_, i) => put(key(i >> 8, i & 255), key(1))))
    const seen: number[] = []
    for await (const [k] of storage.range()) {
      seen.push(k[0]! * 256 + k[1]!)
      if (seen.length % 500 === 0) await storage.batch([put(key(200, seen.length / 500), key(1))])
    }
    expect(seen.filter(k => k < 2000)).toEqual(Array.from({ length: 2000 }, (_, i) => i))
    for await (const entry of storage.range()) if (entry[0][1] === 3) break
    await storage.batch([put(key(1), key(1))])
    expect(await storage.get(key(1))).toEqual(key(1))
  })
}

function states({ expect }: SuiteRunner, check: Check, { snapshotRanges = false }: KeyValueStorageSubject): void {
  check('getMany reads one state, whatever batches are under way', async storage => {
    const keys = Array.from({ length: 40 }, (_, i) => key(i))
    const write = (version: number) => storage.batch(keys.map(k => put(k, key(version))))
    await write(0)
    const reads: Promise<(Uint8Array | undefined)[]>[] = []
    const writes = Array.from({ length: 20 }, (_, version) => {
      const written = write(version)
      reads.push(storage.getMany(keys))
      return written
    })
    for (const values of await Promise.all(reads)) expect(new Set(values.map(value => value![0])).size).toBe(1)
    await Promise.all(writes)
  })
  check('a page of a range reads one state, whatever batches are under way', async storage => {
    const keys = [key(1), key(2), key(3)]
    const write = (version: number) => storage.batch(keys.map(k => put(k, key(version))))
    await write(0)
    const writes: Promise<void>[] = []
    for (let version = 1; version <= 20; version++) {
      writes.push(write(version))
      const seen = (await collect(storage.range({ reverse: version % 2 === 0 }))).map(([, value]) => value[0])
      expect([seen.length, new Set(seen).size]).toEqual([3, 1])
    }
    await Promise.all(writes)
  })
  if (!snapshotRanges) return
  check('a range shows the state of its first step to the end, both ways', async storage => {
    for (const reverse of [false, true]) {
      const before = Array.from({ length: 3000 }, (_, i) => put(key(1 + (i >> 8), i & 255), key(1)))
      await storage.batch([...before, remove(key(0)), remove(key(200))])
      let count = 0
      for await (const [, value] of storage.range({ reverse })) {
        expect(value).toEqual(key(1))
        if (++count > 1) continue
        await storage.batch([...before.map(({ key: k }) => put(k, key(2))), put(key(0), key(2)), put(key(200), key(2))])
        await storage.batch(before.slice(1000, 2000).map(({ key: k }) => remove(k)))
      }
      expect(count).toBe(3000)
      expect((await collect(storage.range())).length).toBe(2002)
    }
  })
}

function signals({ expect }: SuiteRunner, check: Check): void {
  check('a call whose signal has fired is aborted and changes nothing', async storage => {
    const options = { signal: AbortSignal.abort() }
    await storage.batch([put(key(1), key(1))])
    expect(await rejection(storage.get(key(1), options))).toBe('aborted')
    expect(await rejection(storage.getMany([key(1)], options))).toBe('aborted')
    expect(await rejection(storage.batch([put(key(1), key(2)), put(key(2), key(2))], options))).toBe('aborted')
    expect(await rejection(collect(storage.range(options)))).toBe('aborted')
    expect(await storage.getMany([key(1), key(2)])).toEqual([key(1), undefined])
  })
  check('a signal that fires during a batch stops all of it or nothing', async storage => {
    const abort = new AbortController()
    const batch = rejection(
      storage.batch(
        [1, 2, 3].map(i => put(key(i), key(i))),
        { signal: abort.signal },
      ),
    )
    abort.abort()
    const outcome = await batch
    expect([undefined, 'aborted'].includes(outcome as undefined)).toBe(true)
    expect((await collect(storage.range())).length).toBe(outcome === undefined ? 3 : 0)
    await storage.batch([put(key(9), key(9))])
    expect(await storage.get(key(9))).toEqual(key(9))
  })
}

/** A linear congruential generator: the suite draws no randomness of its own. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function modelled({ expect }: SuiteRunner, check: Check): void {
  check('agrees with a sorted list over random batches and ranges', async storage => {
    const next = seeded(7)
    const randomKey = () => Uint8Array.from({ length: 1 + next(3) }, () => next(5) * 63)
    const randomOperation = () => (next(3) > 0 ? put(randomKey(), key(next(256))) : remove(randomKey()))
    const model = new Map<string, readonly [Uint8Array, Uint8Array]>()
    for (let round = 0; round < 60; round++) {
      const operations = Array.from({ length: next(12) }, randomOperation)
      await storage.batch(operations)
      for (const op of operations) {
        if (op.type === 'put') model.set(op.key.join(), [op.key, op.value])
        else model.delete(op.key.join())
      }
      const [gte, lt, reverse, limit] = [randomKey(), randomKey(), next(2) === 0, 1 + next(20)]
      const within = [...model.values()].filter(([k]) => compare(k, gte) >= 0 && compare(k, lt) < 0)
      const expected = within.sort(([a], [b]) => compare(a, b) * (reverse ? -1 : 1)).slice(0, limit)
      expect(await collect(storage.range({ gte, lt, reverse, limit }))).toEqual(expected)
    }
    expect(await collect(storage.range())).toEqual([...model.values()].sort(([a], [b]) => compare(a, b)))
  })
}

function lifecycle({ expect, test }: SuiteRunner, check: Check, subject: KeyValueStorageSubject): void {
  check('after close everything rejects with closed, also a range under way; closing again is fine', async storage => {
    await storage.batch([put(key(1), key(1)), put(key(2), key(2))])
    const range = storage.range()[Symbol.asyncIterator]()
    await range.next()
    await storage.close()
    await storage.close()
    expect(await rejection(range.next())).toBe('closed')
    expect(await rejection(storage.get(key(1)))).toBe('closed')
    expect(await rejection(storage.getMany([]))).toBe('closed')
    expect(await rejection(storage.batch([put(key(1), key(1))]))).toBe('closed')
    expect(await rejection(collect(storage.range()))).toBe('closed')
  })
  check('close finishes the batches under way', async storage => {
    const batches = Array.from({ length: 5 }, (_, i) => storage.batch([put(key(i), key(i))]))
    await storage.close()
    expect(await Promise.all(batches.map(rejection))).toEqual(batches.map(() => undefined))
  })
  if (subject.reopen === undefined) return
  test('what was stored is there after closing and opening again', async () => {
    const first = await subject.open()
    await first.batch([put(key(1), key(1)), put(key(2), key(2))])
    await first.batch([remove(key(1))])
    await first.close()
    const second = await subject.reopen!()
    expect(await collect(second.range())).toEqual([[key(2), key(2)]])
    await second.close()
  })
}
