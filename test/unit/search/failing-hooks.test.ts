import { afterEach, beforeAll, expect, test } from 'vitest'
import { openSearch, type SearchEngine, type SearchOptions } from '../../../src/search/index'
import { memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import { answersOf, sceneBlocks } from '../../tools/search-scenes'

let blocks: StoredBlock[]
beforeAll(async () => void (blocks = await sceneBlocks({ count: 2_000 })), 60_000)

const clock = { now: () => 5_000 }
const engines: SearchEngine[] = []
afterEach(async () => void (await Promise.all(engines.splice(0).map(engine => engine.close()))))

/** An engine that loaded a first half from a store, got the second, lost a quarter, and came to rest. */
async function used(options: SearchOptions) {
  const storage = memoryStorage()
  const store = await openBlockStore(storage)
  await store.put(blocks.slice(0, blocks.length / 2))
  const engine = await openSearch(store, { clock, clustersFrom: 1_200, saveFrom: 0, ...options })
  engines.push(engine)
  await store.put(blocks.slice(blocks.length / 2))
  await store.erase(
    blocks.slice(0, blocks.length / 4).map(({ block }) => block.id),
    'pruned',
  )
  await engine.settled()
  return { engine, store, storage }
}

const rejects = async () => Promise.reject(new Error('no pause'))
const throws = () => {
  throw new Error('no promise')
}

test.each([
  ['rejects', rejects],
  ['throws', throws],
  ['rejects now and then', () => (Math.trunc(++turn / 3) % 2 === 0 ? rejects() : Promise.resolve())],
])(
  'with a pause that %s everything is found, recycled and saved, and one error tells it',
  async (_name, pause) => {
    const errors: unknown[] = []
    const { engine, store, storage } = await used({ pause, onError: error => errors.push(error) })
    expect(errors).toMatchObject([{ code: 'bad-value', field: 'search.pause' }])
    expect(engine.loading).toBeUndefined()
    expect(engine.spaces).toMatchObject([{ size: 1_500 }])
    const sound = await openSearch(store, { clock, persist: false })
    engines.push(sound)
    await sound.settled()
    const expected = await answersOf(sound, blocks)
    expect(await answersOf(engine, blocks)).toEqual(expected)
    await engine.close()
    const again = await openSearch(await openBlockStore(storage), { clock, pause, saveFrom: 0 })
    engines.push(again)
    await again.settled()
    expect(await answersOf(again, blocks)).toEqual(expected)
  },
  60_000,
)
let turn = 0

test('a listener to errors that throws stops nothing', async () => {
  const { engine } = await used({ pause: rejects, onError: throws })
  expect(engine.spaces).toMatchObject([{ size: 1_500 }])
})
