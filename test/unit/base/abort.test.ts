import { expect, test, vi } from 'vitest'
import { onAbort, throwIfAborted, unlessAborted } from '../../../src/base/index'

const never = new Promise<never>(() => undefined)

test('throwIfAborted carries the reason', () => {
  const reason = new Error('enough')
  throwIfAborted(undefined)
  throwIfAborted(new AbortController().signal)
  expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(
    expect.objectContaining({ code: 'aborted', cause: reason }),
  )
})

test('unlessAborted hands on answers and failures', async () => {
  const { signal } = new AbortController()
  for (const given of [undefined, signal]) {
    expect(await unlessAborted(Promise.resolve(7), given)).toBe(7)
    await expect(unlessAborted(Promise.reject(new RangeError('no')), given)).rejects.toThrow(RangeError)
  }
})

test('unlessAborted does not wait for work that cannot be stopped', async () => {
  const stop = new AbortController()
  const waiting = unlessAborted(never, stop.signal)
  stop.abort('enough')
  await expect(waiting).rejects.toMatchObject({ code: 'aborted', cause: 'enough' })
  await expect(unlessAborted(never, stop.signal)).rejects.toMatchObject({ code: 'aborted' })
})

test('unlessAborted drops a late failure', async () => {
  const stop = new AbortController()
  let fail: (error: Error) => void = () => undefined
  const waiting = unlessAborted(new Promise<never>((_, reject) => (fail = reject)), stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
  fail(new Error('nobody listens'))
  await new Promise(resolve => setImmediate(resolve))
})

test('a signal has one listener, however many wait for it, and tells all who still do', () => {
  const stop = new AbortController()
  const added = vi.spyOn(stop.signal, 'addEventListener')
  const told: number[] = []
  const forget = Array.from({ length: 40 }, (_, i) => onAbort(stop.signal, () => told.push(i)))
  forget.slice(0, 38).forEach(each => each())
  onAbort(stop.signal, () => told.push(40))
  expect(added).toHaveBeenCalledTimes(1)
  stop.abort()
  expect(told).toEqual([38, 39, 40])
})
