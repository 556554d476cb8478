import { expect, test } from 'vitest'
import { loadOnce } from '../../../src/base/index'

test('loadOnce loads once, at the first call, and tries again after a failure', async () => {
  let calls = 0
  const load = loadOnce(async () => {
    if (++calls === 1) throw new Error('offline')
    return calls
  })
  expect(calls).toBe(0)
  await expect(load()).rejects.toThrow('offline')
  expect(await Promise.all([load(), load(), load()])).toEqual([2, 2, 2])
})
