import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'

const key = (i: number) => Uint8Array.of(i >> 16, i >> 8, i)
const value = Uint8Array.of(1)
const put = (i: number) => ({ type: 'put', key: key(i), value }) as const
const remove = (i: number) => ({ type: 'delete', key: key(i) }) as const
const number = ([bytes]: readonly [Uint8Array, Uint8Array]) => (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('memoryStorage', () => {
  test('a range reads the state of its first step, whatever is stored and deleted meanwhile', async () => {
    const storage = memoryStorage()
    await storage.batch(upTo(3000).map(i => put(i * 2)))
    const seen: number[] = []
    for await (const entry of storage.range()) {
      seen.push(number(entry))
      if (seen.length === 1) await storage.batch(upTo(3000).flatMap(i => [put(i * 2 + 1), remove(i * 2)]))
    }
    expect(seen).toEqual(upTo(3000).map(i => i * 2))
    expect((await collect(storage.range())).map(number)).toEqual(upTo(3000).map(i => i * 2 + 1))
  })

  test('stays ordered through growth by single keys and shrinking to nothing', async () => {
    const storage = memoryStorage()
    const shuffled = upTo(2000).map(i => (i * 1237) % 2000)
    for (const i of shuffled) await storage.batch([put(i)])
    expect((await collect(storage.range())).map(number)).toEqual(upTo(2000))
    expect((await collect(storage.range({ gte: key(700), lt: key(1300), reverse: true }))).map(number)).toEqual(
      upTo(600).map(i => 1299 - i),
    )
    for (const i of shuffled) await storage.batch([remove(i)])
    expect(await collect(storage.range())).toEqual([])
    await storage.batch([put(5)])
    expect(await storage.get(key(5))).toEqual(value)
  })
})
