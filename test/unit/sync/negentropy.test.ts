import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { initiate, proceed, respond, ItemTree, type SetItem, type Timestamp } from '../../../src/sync/index'
import { compareBounds, minimalBound } from '../../../src/sync/negentropy/bound'
import { decodeMessage, encodeMessage, type Range } from '../../../src/sync/negentropy/message'
import { encodeVarint, Reader } from '../../../src/sync/negentropy/varint'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

/** Records, fingerprints and messages from the tests of the reference's Kotlin port (https://github.com/hoytech/negentropy, MIT). */
const THREE = [
  [1678011277, 'eb6b05c2e3b008592ac666594d78ed83e7b9ab30f825b9b08878128f7500008c'],
  [1678011278, '39b916432333e069a4386917609215cc688eb99f06fed01aadc29b1b4b92d6f0'],
  [1678011279, 'abc81d58ebe3b9a87100d47f58bf15e9b1cbf62d38623f11d0f0d17179f5f3ba'],
] as const

const id = (n: number) => {
  const value = new Uint8Array(32)
  new DataView(value.buffer).setUint32(0, n)
  return value
}
const at = (time: Timestamp, n: number): SetItem => ({ time, id: id(n) })

function setOf(...items: SetItem[]): ItemTree {
  const set = new ItemTree()
  for (const item of items) set.insert(item)
  return set
}

const three = setOf(...THREE.map(([time, name]) => ({ time, id: bytes(name) })))
const limits = { bytes: 60_000, ranges: 256 }

describe("the reference's own figures", () => {
  test('fingerprints', () => {
    expect(hex(three.fingerprint(0, 1))).toBe('6d74e1212fcafc8a81d090f0ffbde8b0')
    expect(hex(three.fingerprint(0, 2))).toBe('96b26d110825d4b1805fc56988a3e65d')
    expect(hex(three.fingerprint(0, 3))).toBe('c15ce60f185fd24ae341076caa93daa5')
  })

  test('bounds: timestamps as differences, whole ids', () => {
    const ranges = THREE.map(([time, name]): Range => ({ mode: 'skip', upper: { time, id: bytes(name) } }))
    const expected = ['86a091d70e', '02', '02'].map((time, i) => `${time}20${THREE[i]![1]}00`)
    expect(hex(encodeMessage(ranges))).toBe(`61${expected.join('')}`)
  })

  test('the first message of a small set', () => {
    expect(hex(initiate(three))).toBe(`6100000203${THREE.map(([, name]) => name).join('')}`)
    expect(hex(initiate(setOf()))).toBe('6100000200')
  })

  test('a small set that equals ours is skipped, another protocol version answered with ours', () => {
    expect(hex(unwrap(respond(three, initiate(three))))).toBe('61')
    expect(hex(unwrap(respond(three, bytes('62aabbccddeeff'))))).toBe('61')
    expect(unwrap(proceed(three, bytes('61')))).toEqual({ have: [], need: [], looked: 0 })
  })
})

describe('u64', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8100'],
    [1_700_000_000_000, 'b1bcff95d000'],
    [2 ** 53, '9080808080808000'],
    [2n ** 64n - 1n, '81ffffffffffffffff7f'],
  ] as const)('%s is %s', (value, encoded) => {
    expect(hex(encodeVarint(value))).toBe(encoded)
    expect(unwrap(new Reader(bytes(encoded)).varint())).toBe(
      typeof value === 'bigint' || Number.isSafeInteger(value) ? value : BigInt(value),
    )
  })

  test.each([
    ['8000', 'not-shortest'],
    ['82808080808080808000', 'int-range'],
    ['ffffffffffffffffffffff', 'int-range'],
    ['ff', 'truncated'],
    ['', 'truncated'],
  ])('%s is refused as %s', (encoded, code) => {
    expect(new Reader(bytes(encoded)).varint()).toMatchObject({ ok: false, error: { code } })
  })

  test('timestamps beyond 2⁵³ keep their order and their differences', () => {
    const late = [2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 2n]
    const left = setOf(at(5, 1), ...late.map((time, i) => at(time, i)))
    const right = setOf(at(5, 1), at(late[0]!, 0), at(late[2]!, 2), at(late[2]!, 9))
    const step = unwrap(proceed(left, unwrap(respond(right, initiate(left)))))
    expect(step.have).toEqual([at(late[1]!, 1)])
    expect(step.need).toEqual([id(9)])
  })

  test('the reserved highest timestamp is refused as a bound', () => {
    const one = { mode: 'skip', upper: { time: 2n ** 64n - 2n, id: id(0).slice(0, 0) } } as const
    expect(unwrap(decodeMessage(encodeMessage([one]), limits))).toEqual([one])
    expect(decodeMessage(bytes('6181ffffffffffffffff7f0000'), limits).ok).toBe(true)
    expect(decodeMessage(bytes('6181ffffffffffffffff7f0000020000'), limits)).toMatchObject({
      error: { code: 'int-range' },
    })
  })
})

describe('malformed and oversized messages', () => {
  test.each([
    ['', 'truncated'],
    ['51', 'bad-value'],
    ['6000', 'version'],
    ['6100', 'truncated'],
    ['61000003', 'bad-value'],
    ['610021', 'truncated'],
    [`610021${'00'.repeat(40)}`, 'bad-value'],
    ['61000001aabb', 'truncated'],
    ['610000028f7f', 'truncated'],
    ['6100000281', 'truncated'],
    // a bound below the one before it
    ['6102020501000101020000', 'bad-value'],
  ])('%s is refused as %s by the initiator', (message, code) => {
    expect(proceed(three, bytes(message))).toMatchObject({ ok: false, error: { code } })
    if (code !== 'version') expect(respond(three, bytes(message))).toMatchObject({ ok: false, error: { code } })
  })

  test('the limits of bytes and ranges hold at their edge', () => {
    const skips = (count: number) =>
      encodeMessage(Array.from({ length: count }, (_, i) => ({ mode: 'skip', upper: at(i, 0) })))
    expect(respond(three, skips(256)).ok).toBe(true)
    expect(respond(three, skips(257))).toMatchObject({ ok: false, error: { code: 'limit', limit: 256 } })
    expect(respond(three, new Uint8Array(60_001).fill(0x61))).toMatchObject({ ok: false, error: { code: 'too-large' } })
  })

  test('a five-byte empty list draws at most one message from a large set', () => {
    const large = setOf(...Array.from({ length: 5000 }, (_, i) => at(i, i)))
    const answer = unwrap(respond(large, bytes('6100000200')))
    expect(answer.length).toBeLessThanOrEqual(60_000)
    const taken = unwrap(proceed(setOf(), answer))
    expect(taken.need.length).toBeGreaterThan(1800)
    expect(taken.reply).toBeDefined()
  })

  test('an empty list against a large set fills `have` up to its bound and leaves the rest to later', () => {
    const large = setOf(...Array.from({ length: 5000 }, (_, i) => at(i, i)))
    const step = unwrap(proceed(large, bytes('6100000200'), { maxHave: 100 }))
    expect(step.have).toEqual(Array.from({ length: 100 }, (_, i) => at(i, i)))
    expect(unwrap(decodeMessage(step.reply!, limits)).map(({ mode }) => mode)).toEqual(['skip', 'fingerprint'])
  })
})

describe('ItemTree', () => {
  test('keeps the order of (time, id), refuses what it has, deletes', () => {
    const set = setOf(at(2, 1), at(1, 9), at(2, 0))
    expect(set.insert(at(2, 1))).toBe(false)
    expect(set.insert(at(1, 9))).toBe(false)
    expect(Array.from({ length: set.size }, (_, i) => set.get(i))).toEqual([at(1, 9), at(2, 0), at(2, 1)])
    expect([set.has(at(2, 0)), set.has(at(3, 0))]).toEqual([true, false])
    expect([set.delete(at(2, 0)), set.delete(at(2, 0))]).toEqual([true, false])
    expect(set.size).toBe(2)
    expect(() => set.get(2)).toThrow(RangeError)
  })

  test('a bound with a shorter id stands before all ids with that prefix', () => {
    const set = setOf(at(1, 0x01000000), at(1, 0x01000001), at(1, 0x02000000))
    expect(set.lowerBound({ time: 1, id: Uint8Array.of(1) })).toBe(0)
    expect(set.lowerBound({ time: 1, id: Uint8Array.of(1, 0, 0, 1) })).toBe(1)
    expect(set.lowerBound({ time: 1, id: Uint8Array.of(2) })).toBe(2)
    expect(set.lowerBound({ time: Infinity, id: new Uint8Array(0) })).toBe(3)
  })

  test('a minimal bound separates its two items and is no longer than it must be', () => {
    const below = at(1, 0x01020304)
    const above = at(1, 0x01020400)
    const bound = minimalBound(below, above)
    expect([...bound.id]).toEqual([1, 2, 4])
    expect(compareBounds(below, bound)).toBeLessThan(0)
    expect(compareBounds(bound, above)).toBeLessThanOrEqual(0)
    expect(minimalBound(below, at(7, 0))).toEqual({ time: 7, id: new Uint8Array(0) })
  })
})
