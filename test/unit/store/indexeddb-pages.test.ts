import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Directory, FIRST } from '../../../src/adapters/storage/indexeddb/directory'
import {
  bytesOf,
  decodePage,
  encodePage,
  findInPage,
  type PageEntry,
  textOf,
} from '../../../src/adapters/storage/indexeddb/page'
import { PageCache } from '../../../src/adapters/storage/indexeddb/page-cache'
import { type Change, PAGE_BYTES, rewritePage } from '../../../src/adapters/storage/indexeddb/rewrite-page'
import { Turnstile } from '../../../src/adapters/storage/indexeddb/turnstile'
import { compare } from '../../../src/base/index'
import { crc32 } from '../../../src/platform/crc32'

const key = fc.uint8Array({ minLength: 1, maxLength: 6 }).map(bytes => textOf(bytes.map(byte => byte % 5)))
const value = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  fc.integer({ min: 0, max: 40_000 }).map(length => new Uint8Array(length).fill(length)),
)
const contents = fc.dictionary(key, value, { noNullPrototype: true }).map(found => new Map(Object.entries(found)))
const entriesOf = (found: ReadonlyMap<string, Uint8Array>): PageEntry[] =>
  [...found.keys()].sort().map(each => ({ key: each, value: found.get(each)! }))

/** Short, to compare: large arrays cost a test runner more than a storage. */
const outline = (entries: readonly PageEntry[]) => entries.map(entry => `${escape(entry.key)} ${crc32(entry.value)}`)

describe('a page', () => {
  test('keys as texts are in the order of their bytes, and come back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const [x, y] = [textOf(a), textOf(b)]
        expect(Math.sign(compare(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0)
        expect(bytesOf(x)).toEqual(a)
      }),
    )
  })

  test('holds what was put into it, and finds it', () => {
    fc.assert(
      fc.property(contents, fc.array(key), (found, asked) => {
        const page = encodePage(entriesOf(found))
        expect(outline(decodePage(page))).toEqual(outline(entriesOf(found)))
        const keys = [...new Set([...asked, ...found.keys()])].sort()
        const sums = (values: readonly (Uint8Array | undefined)[]) => values.map(each => each && crc32(each))
        expect(sums(findInPage(page, keys))).toEqual(sums(keys.map(each => found.get(each))))
      }),
    )
  })

  test('that is not one is `storage`, or holds something else: it never leads out of itself', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (found, at, change) => {
        const page = encodePage(entriesOf(found))
        const bad =
          at % 3 === 0
            ? page.slice(0, at % (page.length + 1))
            : page.map((byte, i) => (i === at % page.length ? byte ^ change : byte))
        try {
          for (const entry of decodePage(bad)) expect(entry.key.length).toBeLessThanOrEqual(1024)
        } catch (error) {
          expect(error).toMatchObject({ code: 'storage', field: 'value' })
        }
      }),
    )
  })
})

/** Pages by their fences, as a storage keeps them. */
class Pages {
  readonly pages = new Map<string, Uint8Array>([[FIRST, new Uint8Array(0)]])
  directory = new Directory([])

  change(changes: readonly Change[]): void {
    const groups = new Map<string, Change[]>()
    for (const change of changes) {
      const fence = this.directory.fence(this.directory.indexOf(change.key))!
      groups.set(fence, [...(groups.get(fence) ?? []), change])
    }
    const [added, removed]: [string[], Set<string>] = [[], new Set()]
    for (const [fence, group] of groups) {
      const pieces = rewritePage(fence, this.pages.get(fence)!, group)
      if (pieces.length === 0 && fence !== FIRST) removed.add(fence)
      this.pages.delete(fence)
      if (fence === FIRST) this.pages.set(FIRST, new Uint8Array(0))
      for (const piece of pieces) this.pages.set(piece.fence, piece.page)
      added.push(...pieces.slice(1).map(piece => piece.fence))
    }
    this.directory = this.directory.with(added, removed)
  }

  get entries(): PageEntry[] {
    return Array.from({ length: this.directory.size }, (_, i) =>
      decodePage(this.pages.get(this.directory.fence(i)!)!),
    ).flat()
  }

  /** Bytes by page. */
  get fill(): number {
    const sizes = [...this.pages.values()].map(({ length }) => length)
    return sizes.reduce((sum, size) => sum + size, 0) / (sizes.length * PAGE_BYTES)
  }
}

const wide = fc.tuple(fc.nat(255), fc.nat(40), fc.nat(3)).map(bytes => textOf(Uint8Array.from(bytes)))
const change = fc.record({ key: wide, value: fc.option(value, { nil: undefined, freq: 4 }) })

describe('pages', () => {
  test('agree with a sorted map over changes of all kinds; none is too large, and fences hold', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 60 }), { maxLength: 12 }), batches => {
        const [pages, model] = [new Pages(), new Map<string, Uint8Array>()]
        for (const batch of batches) {
          const last = new Map(batch.map(each => [each.key, each.value]))
          for (const [k, v] of last) {
            if (v === undefined) model.delete(k)
            else model.set(k, v)
          }
          pages.change([...last.keys()].sort().map(k => ({ key: k, value: last.get(k) })))
        }
        expect(outline(pages.entries)).toEqual(outline(entriesOf(model)))
        expect([...pages.pages.keys()].sort()).toEqual(
          Array.from({ length: pages.directory.size }, (_, i) => pages.directory.fence(i)),
        )
        for (const [fence, page] of pages.pages) {
          const entries = decodePage(page)
          expect(entries.length === 1 || page.length <= PAGE_BYTES).toBe(true)
          expect(entries.every(entry => entry.key >= fence)).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })

  const put = (text: string, bytes = 1): Change => ({ key: text, value: new Uint8Array(bytes) })
  const hex = (i: number) => i.toString(16).padStart(8, '0')

  test('keys that ascend in several runs leave full pages, keys in disorder half full ones or better', () => {
    const runs = new Pages()
    for (let batch = 0; batch < 60; batch++) {
      const run = (space: string) => Array.from({ length: 100 }, (_, i) => put(space + hex(batch * 100 + i), 12))
      runs.change(['a', 'b', 'c'].flatMap(run))
    }
    expect(runs.fill).toBeGreaterThan(0.85)
    const random = new Pages()
    for (let i = 0; i < 4000; i++) random.change([put(hex(Math.imul(i, 0x9e3779b1) >>> 0), 12)])
    expect(random.fill).toBeGreaterThan(0.5)
  })

  test('a large value has a page of its own, which is not written again for its neighbours', () => {
    const [first, ...rest] = rewritePage(FIRST, encodePage([{ key: 'b', value: new Uint8Array(50_000) }]), [
      put('a'),
      put('c'),
    ])
    expect(decodePage(first!.page).map(({ key: k }) => k)).toEqual(['a'])
    expect(rest.map(({ fence }) => fence)).toEqual(['b', 'c'])
  })
})

test('a cache keeps what was used last, up to its bytes', () => {
  const cache = new PageCache(10_000)
  for (let i = 0; i < 20; i++) {
    cache.set(`${i}`, new Uint8Array(1800))
    cache.get('3')
  }
  expect(Array.from({ length: 20 }, (_, i) => i).filter(i => cache.get(`${i}`) !== undefined)).toEqual([
    3, 16, 17, 18, 19,
  ])
  cache.set('19', new Uint8Array(9000))
  expect(cache.get('19')?.length).toBe(9000)
  expect(cache.get('3')).toBe(undefined)
})

test('a turnstile lets reads in between writes, in order, and goes on after failures', async () => {
  const turnstile = new Turnstile()
  const seen: string[] = []
  const write = (name: string) =>
    turnstile.write(async () => {
      seen.push(`+${name}`)
      await new Promise(resolve => setImmediate(resolve))
      seen.push(`-${name}`)
      if (name === 'b') throw new Error('b')
    })
  const read = (name: string) => turnstile.read(async () => void seen.push(name))
  const outcomes = Promise.allSettled([read('r'), write('a'), read('s'), write('b'), read('t'), write('c')])
  await turnstile.idle()
  expect((await outcomes).map(({ status }) => status)).toEqual(
    [0, 0, 0, 1, 0, 0].map(bad => (bad ? 'rejected' : 'fulfilled')),
  )
  expect(seen).toEqual(['r', '+a', '-a', 's', 't', '+b', '-b', '+c', '-c'])
})
