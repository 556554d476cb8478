import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { type BlockQuery, memoryStorage, openBlockStore, type StoredBlock } from '../../src/store/index'
import { byTime } from '../../src/testing/sample-blocks'
import { collect } from '../../src/testing/suite-tools'
import { storedBlock } from '../tools/stored-block'

const TAGS = ['red', 'green', 'blue']
const MODELS = ['test:one', `test:${'two'.repeat(60)}`]
const SIZE = 90

/** Three queries' pages of blocks, many of equal time. */
let pool: StoredBlock[] = []
beforeAll(async () => {
  pool = await Promise.all(
    Array.from({ length: SIZE }, (_, i) =>
      storedBlock({
        text: `${i}`,
        time: 100 + ((i * 31) % 17),
        author: 1 + (i % 3),
        model: MODELS[i % 2]!,
        tags: TAGS.filter((_tag, bit) => (i >> bit) & 1),
        admitted: i % 5 !== 0,
      }),
    ),
  )
})

const bound = fc.integer({ min: 98, max: 120 })
const query = fc.record(
  {
    kind: fc.constantFrom('embedding', 'translator'),
    author: fc.constantFrom(1, 2, 3, 4),
    model: fc.constantFrom(...MODELS, 'test:none'),
    tags: fc.subarray([...TAGS, 'none'], { maxLength: 3 }),
    since: bound,
    until: bound,
    admittedOnly: fc.boolean(),
    reverse: fc.boolean(),
    limit: fc.nat(40),
  },
  { requiredKeys: [] },
)

function naive(blocks: readonly StoredBlock[], asked: BlockQuery): string[] {
  const {
    kind,
    author,
    model,
    tags = [],
    since = 0,
    until = Infinity,
    admittedOnly = true,
    reverse,
    limit = Infinity,
  } = asked
  const found = blocks.filter(({ block, admitted }) => {
    if (block.opaque || block.kind !== 'embedding' || (kind !== undefined && kind !== block.kind)) return false
    if (author !== undefined && block.author !== author) return false
    if (model !== undefined && block.embedding.model !== model) return false
    return (
      tags.every(tag => block.tags?.includes(tag)) &&
      block.time >= since &&
      block.time < until &&
      (admitted || !admittedOnly)
    )
  })
  const ids = found.sort(byTime).map(({ block }) => block.id)
  return (reverse ? ids.reverse() : ids).slice(0, limit)
}

test('a query equals a plain filter over all blocks, however they were batched', async () => {
  const batches = fc.array(fc.array(fc.nat(SIZE - 1), { maxLength: 60 }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(batches, fc.array(query, { minLength: 5, maxLength: 15 }), async (picks, asked) => {
      const store = await openBlockStore(memoryStorage())
      for (const batch of picks) await store.put(batch.map(i => pool[i]!))
      const blocks = [...new Set(picks.flat())].map(i => pool[i]!)
      for (const { author: number, ...rest } of asked) {
        const author = number === undefined ? undefined : (pool[number - 1]?.block.author ?? 'did:key:none')
        const full: BlockQuery = { ...rest, ...(author !== undefined && { author }) }
        expect((await collect(store.query(full))).map(({ block }) => block.id)).toEqual(naive(blocks, full))
      }
      expect(await store.stats()).toMatchObject({
        blocks: blocks.length,
        admitted: blocks.filter(b => b.admitted).length,
      })
    }),
    { numRuns: 40 },
  )
})
