import { type BatchOperation, type KeyValueStorage, MAX_KEY_BYTES } from '../store/index'
import { collect, rejection, type SuiteRunner } from './suite-tools'

export type Check = (name: string, body: (storage: KeyValueStorage) => Promise<void>) => unknown

export const key = (...bytes: number[]) => Uint8Array.from(bytes)
export const put = (k: Uint8Array, value: Uint8Array): BatchOperation => ({ type: 'put', key: k, value })
export const remove = (k: Uint8Array): BatchOperation => ({ type: 'delete', key: k })
export const keysOf = async (entries: AsyncIterable<readonly [Uint8Array, Uint8Array]>) =>
  (await collect(entries)).map(([k]) => [...k])

/** Which keys, bounds and signals are taken. */
export function keyLimits({ expect }: SuiteRunner, check: Check, maxKeyBytes = MAX_KEY_BYTES): void {
  check('takes keys of 1 to the most bytes and refuses others before anything changes', async storage => {
    const longest = new Uint8Array(maxKeyBytes).fill(255)
    await storage.batch([put(longest, key(1))])
    expect(await keysOf(storage.range())).toEqual([[...longest]])
    for (const bad of [key(), new Uint8Array(maxKeyBytes + 1)]) {
      expect(await rejection(storage.get(bad))).toBe('limit')
      expect(await rejection(storage.getMany([key(1), bad]))).toBe('limit')
      expect(await rejection(storage.batch([put(key(1), key(1)), put(bad, key(1))]))).toBe('limit')
      expect(await rejection(storage.batch([put(key(1), key(1)), remove(bad)]))).toBe('limit')
    }
    expect(await storage.get(key(1))).toBe(undefined)
    for (const bound of ['gte', 'lt']) {
      expect(await rejection(collect(storage.range({ [bound]: new Uint8Array(maxKeyBytes + 1) })))).toBe('limit')
    }
    expect(await keysOf(storage.range({ gte: key(), lt: longest }))).toEqual([])
  })
  check('a range stops when its signal fires', async storage => {
    await storage.batch([put(key(1), key(1)), put(key(2), key(2)), put(key(3), key(3))])
    expect(await rejection(collect(storage.range({ signal: AbortSignal.abort() })))).toBe('aborted')
    const abort = new AbortController()
    const range = storage.range({ signal: abort.signal })[Symbol.asyncIterator]()
    expect((await range.next()).done).toBe(false)
    abort.abort()
    expect(await rejection(range.next())).toBe('aborted')
  })
}

/** Calls of wrong types. */
export function malformedCalls({ expect }: SuiteRunner, check: Check): void {
  check('what is no call is refused by name before anything changes, and alike everywhere', async storage => {
    await storage.batch([put(key(1), key(1))])
    const refusal = async (call: Promise<unknown>) => {
      const { code, field } = (await call.then(
        () => ({}),
        (error: unknown) => error,
      )) as Record<string, unknown>
      return [code, field]
    }
    const good = put(key(2), key(2))
    for (const [operation, ...expected] of [
      [{ type: 'zap', key: key(2) }, 'bad-value', 'type'],
      [{ key: key(2) }, 'bad-value', 'type'],
      [{ type: 'put', key: 'two', value: key(2) }, 'bad-type', 'key'],
      [{ type: 'put', key: [2], value: key(2) }, 'bad-type', 'key'],
      [{ type: 'put', key: key(2), value: 'two' }, 'bad-type', 'value'],
      [{ type: 'put', key: key(2) }, 'bad-type', 'value'],
      [{ type: 'delete' }, 'bad-type', 'key'],
      [null, 'bad-type', 'key'],
    ] as const) {
      expect(await refusal(storage.batch([good, operation] as BatchOperation[]))).toEqual(expected)
    }
    for (const [call, ...expected] of [
      [storage.batch(null as never), 'bad-type', 'operations'],
      [storage.batch([good], null as never), 'bad-type', 'options'],
      [storage.batch([good], { signal: 'stop' as never }), 'bad-type', 'signal'],
      [storage.batch([good], { sginal: 1 } as never), 'unknown-field', 'sginal'],
      [storage.getMany([key(1)], { limit: 1 } as never), 'unknown-field', 'limit'],
      [collect(storage.range({ limits: 1 } as never)), 'unknown-field', 'limits'],
      [storage.get('one' as never), 'bad-type', 'key'],
      [storage.get(null as never), 'bad-type', 'key'],
      [storage.get(key(1), null as never), 'bad-type', 'options'],
      [storage.getMany(key(1) as never), 'bad-type', 'keys'],
      [storage.getMany([key(1), 1] as never), 'bad-type', 'key'],
      [collect(storage.range(null as never)), 'bad-type', 'options'],
      [collect(storage.range({ gte: 'a' as never })), 'bad-type', 'gte'],
      [collect(storage.range({ lt: null as never })), 'bad-type', 'lt'],
      [collect(storage.range({ limit: NaN })), 'bad-value', 'limit'],
      [collect(storage.range({ limit: 1.5 })), 'bad-value', 'limit'],
      [collect(storage.range({ limit: '2' as never })), 'bad-value', 'limit'],
      [collect(storage.range({ signal: {} as never })), 'bad-type', 'signal'],
    ] as const) {
      expect(await refusal(call)).toEqual(expected)
    }
    expect(await collect(storage.range({ limit: Infinity }))).toEqual([[key(1), key(1)]])
    expect(await collect(storage.range({ limit: -1 }))).toEqual([])
  })
}
