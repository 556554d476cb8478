import type { BatchOperation, KeyValueStorage } from '../store/index'
import { collect, rejection, type SuiteRunner } from './suite-tools'

type Check = (name: string, body: (storage: KeyValueStorage) => Promise<void>) => unknown

const key = (i: number) => Uint8Array.of(i % 7, i >> 8, i & 255)
const put = (i: number, fill: number): BatchOperation => ({ type: 'put', key: key(i), value: bytes(i, fill) })
const remove = (i: number): BatchOperation => ({ type: 'delete', key: key(i) })
const bytes = (i: number, fill: number) => new Uint8Array(20 + (i % 50) * 8).fill(fill)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** What `compact` must do where an adapter has it; the others pass. */
export function compactionChecks({ expect }: SuiteRunner, check: Check): void {
  check('compaction leaves every entry as it is, also those written meanwhile', async storage => {
    if (storage.compact === undefined) return
    await storage.batch(upTo(2000).map(i => put(i, 1)))
    await storage.batch(upTo(1000).map(i => remove(i * 2)))
    const written: Promise<void>[] = []
    const write = (i: number) =>
      storage.batch([put(i * 50, 2), put(i * 50 + 1, 3), remove(i * 50 + 3), put(5000 + i, 4)])
    const onProgress = () => {
      for (let left = Math.min(8, 40 - written.length); left > 0; left--) written.push(write(written.length))
    }
    expect(await storage.compact({ onProgress })).toBe(true)
    while (written.length < 40) onProgress()
    await Promise.all(written)
    expect(await storage.compact()).toBe(true)
    const expected = new Map(upTo(1000).map(i => [2 * i + 1, 1]))
    for (let i = 0; i < 40; i++) {
      expected
        .set(i * 50, 2)
        .set(i * 50 + 1, 3)
        .set(5000 + i, 4)
        .delete(i * 50 + 3)
    }
    const found = await collect(storage.range())
    expect(found.length).toBe(expected.size)
    for (const [i, fill] of expected) expect(await storage.get(key(i))).toEqual(bytes(i, fill))
  })
  check('compaction within a budget moves on a little each time, tells how far, and ends', async storage => {
    if (storage.compact === undefined) return
    await storage.batch(upTo(2000).map(i => put(i, 1)))
    await storage.batch(upTo(500).map(i => remove(i * 3)))
    const told: [done: number, total: number][] = []
    let calls = 1
    while (!(await storage.compact({ budgetMs: 0, onProgress: (...progress) => void told.push(progress) }))) calls++
    expect(told.length >= calls).toBe(true)
    expect(told.every(([done, total], i) => done <= total && done >= (told[i - 1]?.[0] ?? 0))).toBe(true)
    expect(await storage.compact({ budgetMs: 0 })).toBe(true)
    expect((await collect(storage.range())).length).toBe(1500)
  })
  check('compaction stops when its signal fires, and can be taken up again', async storage => {
    if (storage.compact === undefined) return
    await storage.batch(upTo(2000).map(i => put(i, 1)))
    await storage.batch([remove(1)])
    expect(await rejection(storage.compact({ signal: AbortSignal.abort() }))).toBe('aborted')
    const abort = new AbortController()
    const options = { signal: abort.signal, onProgress: () => abort.abort() }
    expect(await rejection(storage.compact(options))).toBe('aborted')
    await storage.batch([put(1, 5)])
    expect(await storage.compact()).toBe(true)
    expect(await storage.get(key(1))).toEqual(bytes(1, 5))
    expect((await collect(storage.range())).length).toBe(2000)
    const left = storage.compact()
    await storage.close()
    await left.catch(() => undefined)
    expect(await rejection(storage.compact())).toBe('closed')
  })
}
