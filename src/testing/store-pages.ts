import type { Page, PageQuery, StoredBlock, SyncMember } from '../store/index'
import { byTime, type Check, idsOf, sampleBlocks } from './sample-blocks'
import { collect, rejection, type SuiteRunner } from './suite-tools'

/** Pages and their cursors. */
export function pages({ expect }: SuiteRunner, check: Check): void {
  check('pages of a query hold what the query finds, each once, both ways, as blocks and as ids', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    for (const query of [
      {},
      { tags: ['even'] },
      { tags: ['even', 'third'], admittedOnly: false },
      { since: 1_004_000 },
    ])
      for (const reverse of [false, true])
        for (const limit of [1, 4, 5, 100]) {
          const expected = idsOf(await collect(store.query({ ...query, reverse })))
          const asked = { ...query, reverse, limit }
          const found = await everyPage<StoredBlock>(cursor => store.page({ ...asked, ...cursor }))
          expect(idsOf(found)).toEqual(expected)
          expect(await everyPage(cursor => store.pageIds({ ...asked, ...cursor }))).toEqual(expected)
          expect(await store.count(query)).toBe(expected.length)
          expect(await store.count(asked)).toBe(Math.min(limit, expected.length))
          if (!store.pageMembers) continue
          const members = await everyPage<SyncMember>(cursor => store.pageMembers!({ ...asked, ...cursor }))
          expect(members).toEqual(found.map(({ block: { id, time } }) => ({ id, time })))
        }
  })
  check('a page goes on where it ended, whatever was stored meanwhile', async store => {
    const blocks = (await sampleBlocks()).filter(({ admitted }) => admitted)
    const [before, after] = [blocks.filter((_, i) => i % 2 === 0), blocks.filter((_, i) => i % 2 === 1)]
    await store.put(before)
    const { items, cursor } = await store.pageIds({ limit: 3 })
    await store.put(after)
    const rest = await store.pageIds({ cursor: cursor!, limit: 1000 })
    const sorted = blocks.toSorted(byTime)
    const reached = sorted.findIndex(({ block }) => block.id === items[2])
    expect(rest).toEqual({ items: idsOf(sorted.slice(reached + 1)) })
  })
  check('cursors of another query, and nonsense, are refused', async store => {
    await store.put(await sampleBlocks())
    const { cursor } = await store.page({ tags: ['even'], limit: 2 })
    const bad = async (query: PageQuery) => [await rejection(store.page(query)), await rejection(store.pageIds(query))]
    expect((await store.page({ tags: ['even'], cursor: cursor! })).items.length > 0).toBe(true)
    for (const query of [
      { cursor: cursor! },
      { tags: ['even'], reverse: true, cursor: cursor! },
      { cursor: '' },
      { cursor: 'AAAA' },
    ]) {
      expect(await bad(query)).toEqual(['bad-cursor', 'bad-cursor'])
    }
    await store.renewEpoch()
    expect(await bad({ tags: ['even'], cursor: cursor! })).toEqual(['bad-cursor', 'bad-cursor'])
  })
}

/** What queries are refused for, and what is known of terms. */
export function terms({ expect }: SuiteRunner, check: Check): void {
  check('fields that no query has, and values of the wrong type, are refused by name', async store => {
    const unknown = { colour: 'red' } as PageQuery
    expect([await rejection(store.page(unknown)), await rejection(store.count(unknown))]).toEqual([
      'unknown-field',
      'unknown-field',
    ])
    expect(await rejection(collect(store.query(unknown)))).toBe('unknown-field')
    expect(await rejection(store.page({ tags: 'even' } as unknown as PageQuery))).toBe('bad-type')
    expect(await rejection(store.page({ relation: 'supports' }))).toBe('missing-field')
    expect(await rejection(store.page({ signal: AbortSignal.abort() }))).toBe('aborted')
    expect(await store.page({ limit: 0 })).toEqual({ items: [] })
  })
  check('terms are told with their counts, in order of their bytes, and in parts', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const tags = await store.terms('tag')
    expect(tags).toEqual(['even', 'fifth', 'third'].map(term => countOf(blocks, term)))
    expect(await store.terms('tag', { after: 'even', limit: 1 })).toEqual(tags.slice(1, 2))
    expect((await store.terms('model')).length).toBe(2)
    expect((await store.terms('author')).reduce((sum, { blocks: count }) => sum + count, 0)).toBe(blocks.length)
    expect(await store.count()).toBe(18)
    expect(await store.count({ admittedOnly: false })).toBe(24)
    expect(await store.count({ tags: ['never'] })).toBe(0)
    for (const query of [{}, { tags: ['even'] }, { tags: ['even'], since: 1_002_000 }]) {
      expect([await store.count({ ...query, limit: 2 }), await store.count({ ...query, limit: 0 })]).toEqual([2, 0])
    }
    expect(await store.count({ since: 1_004_000, until: 1_006_000, admittedOnly: false })).toBe(4)
  })
}

function countOf(blocks: readonly StoredBlock[], term: string) {
  const of = blocks.filter(({ block }) => !block.opaque && block.tags?.includes(term))
  return { term, blocks: of.length, bytes: of.reduce((sum, { block }) => sum + block.bytes.length, 0) }
}

async function everyPage<T>(read: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = []
  for (let cursor: { cursor?: string } = {}; ;) {
    const page = await read(cursor)
    all.push(...page.items)
    if (page.cursor === undefined) return all
    cursor = { cursor: page.cursor }
  }
}
