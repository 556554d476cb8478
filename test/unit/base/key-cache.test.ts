import { describe, expect, test } from 'vitest'
import { KeyCache } from '../../../src/base/index'

describe('KeyCache', () => {
  const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

  test('derives each value once and forgets the least recently used beyond its capacity', () => {
    const derived: number[] = []
    const cache = new KeyCache(publicKey => derived.push(publicKey[0]!), 2)
    for (const byte of [1, 2, 1, 3, 1, 2]) cache.get(key(byte))
    expect(derived).toEqual([1, 2, 3, 2])
    expect(cache.size).toBe(2)
  })

  test('never holds more than its capacity, whatever keys are asked for', () => {
    const cache = new KeyCache(publicKey => publicKey[0], 10)
    for (let i = 0; i < 1000; i++) {
      cache.get(key((i * 7919) % 256))
      expect(cache.size).toBeLessThanOrEqual(10)
    }
  })
})
