import { describe, expect, test } from 'vitest'
import { TokenBucket } from '../../../src/base/index'
import { ManualTime } from '../validate/evidence/ports'

function bucket(rate = 10, burst = 3) {
  const time = new ManualTime()
  const tokens = new TokenBucket({ clock: time, timers: time, rate, burst })
  const served: number[] = []
  const take = (name: number) => void tokens.take().then(() => served.push(name))
  return { time, tokens, served, take }
}

describe('TokenBucket', () => {
  test('gives the burst at once and the others at the rate, first come first served', async () => {
    const { time, served, take } = bucket()
    for (let i = 0; i < 6; i++) take(i)
    await time.pass(0)
    expect(served).toEqual([0, 1, 2])
    await time.pass(100)
    expect(served).toEqual([0, 1, 2, 3])
    await time.pass(199)
    expect(served).toEqual([0, 1, 2, 3, 4])
    await time.pass(1)
    expect(served).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('sets one timer, however many wait, and none when nobody does', async () => {
    const { time, take } = bucket()
    for (let i = 0; i < 50; i++) take(i)
    expect(time.pending).toBe(1)
    await time.pass(4_700)
    expect(time.pending).toBe(0)
  })

  test('saves up no more than the burst', async () => {
    const { time, tokens } = bucket()
    await time.pass(3_600_000)
    expect([1, 2, 3, 4].map(() => tokens.tryTake())).toEqual([true, true, true, false])
  })

  test('lets nobody past those who wait', async () => {
    const { time, tokens, take } = bucket(10, 1)
    take(0)
    take(1)
    time.turnTo(150)
    expect(tokens.tryTake()).toBe(false)
    await time.pass(100)
    expect(tokens.tryTake()).toBe(true)
  })

  test('a clock set back neither gives nor takes', async () => {
    const { time, tokens } = bucket(10, 2)
    await time.pass(10_000)
    tokens.tryTake()
    time.turnTo(0)
    expect([tokens.tryTake(), tokens.tryTake()]).toEqual([true, false])
  })
})
