import { expect, test } from 'vitest'
import { miniSearch } from '../../../src/adapters/keywords/minisearch'
import { KeywordBook, type KeywordPorts } from '../../../src/client/keyword-book'
import type { CosmicError } from '../../../src/base/index'
import { memoryStorage, openBlockStore } from '../../../src/store/index'
import { storedBlock } from '../../tools/stored-block'

const LENGTH = 1_000
const COUNT = 50
/** Blocks that a store reads at once. */
const READ_AT_ONCE = 64

/** A store of blocks with a thousand characters each, whose last word is their number. */
async function storeOf(count = COUNT) {
  const store = await openBlockStore(memoryStorage())
  const blocks = []
  for (let i = 0; i < count; i++) blocks.push(await storedBlock({ text: textOf(i), time: 1_000_000 + i }))
  await store.put(blocks)
  return { store, blocks }
}

const textOf = (i: number) =>
  `${'water '.repeat(LENGTH).slice(0, LENGTH - 8)} number${String(i).padStart(3, '0')}`.slice(-LENGTH)

async function open(store: Awaited<ReturnType<typeof storeOf>>['store'], ports: KeywordPorts) {
  const index = await miniSearch()
  return { index, book: await KeywordBook.open(store, index, ports) }
}

const found = async (book: KeywordBook, i: number) =>
  (await book.search(`number${String(i).padStart(3, '0')}`, {}, undefined, 3)).map(
    ({ input }) => (input as { content: string }).content,
  )

test('the index of words is made in slices of some 16,000 characters, and ends when the store is closed', async () => {
  const { store } = await storeOf()
  let pauses = 0
  const { book } = await open(store, { pause: async () => void pauses++ })
  expect(pauses).toBe(Math.floor(COUNT / Math.ceil(16_384 / LENGTH)))
  expect(await found(book, 7)).toEqual([textOf(7)])
  expect(book.survey).toEqual({ texts: COUNT, bytes: COUNT * (512 + 12 * LENGTH), omitted: 0 })
  const { store: closing } = await storeOf(READ_AT_ONCE + 1)
  const stopped = open(closing, { pause: () => closing.close() })
  await expect(stopped).rejects.toMatchObject({ code: 'closed' })
})

test('what is erased while it is made does not come in by a page read before; what is added does', async () => {
  const { store, blocks } = await storeOf()
  const late = await storedBlock({ text: 'a latecomer' })
  let paused = false
  const { book } = await open(store, {
    pause: async () => {
      if (paused) return
      paused = true
      await store.erase(
        blocks.map(({ block }) => block.id),
        'expired',
      )
      await store.put([late])
    },
  })
  expect(paused).toBe(true)
  expect(book.survey.texts).toBe(1)
  expect((await book.search('latecomer', {}, undefined, 3)).map(({ id }) => id)).toEqual([late.block.id])
})

test('texts beyond its memory are left out and told of once; room that is given back is used again', async () => {
  const { store, blocks } = await storeOf()
  const errors: unknown[] = []
  const maxBytes = 20 * (512 + 12 * LENGTH)
  const { book } = await open(store, { maxBytes, onError: error => errors.push(error) })
  expect(book.survey).toEqual({ texts: 20, bytes: maxBytes, omitted: COUNT - 20 })
  expect(errors).toHaveLength(1)
  expect(errors[0] as CosmicError).toMatchObject({ code: 'limit', field: 'search.maxBytes', limit: maxBytes })
  await store.erase(
    blocks.map(({ block }) => block.id),
    'expired',
  )
  expect(book.survey).toEqual({ texts: 0, bytes: 0, omitted: 0 })
  await store.put([await storedBlock({ text: 'a latecomer' })])
  expect(book.survey.texts).toBe(1)
})
