import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSearch, type SearchEngine } from '../../src/search/index'
import { openBlockStore, type BlockStore, type KeyValueStorage } from '../../src/store/index'
import { journaledStorage, type JournaledStorage } from '../tools/journaled-storage'
import { answersOf, sceneBlocks } from '../tools/search-scenes'

const blocks = [
  ...(await sceneBlocks({ count: 1100, dims: 8 })),
  ...(await sceneBlocks({ count: 60, dims: 8, model: 'test:small', seed: 5 })),
]

type Step =
  | { readonly do: 'put' | 'refuse' | 'admit' | 'expire' | 'prune'; readonly from: number; readonly count: number }
  | { readonly do: 'save' | 'reopen' | 'search' | 'tick' }

const range = { from: fc.nat(blocks.length - 1), count: fc.constantFrom(1, 5, 60, 400) }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('put' as const), ...range }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('refuse' as const, 'admit' as const, 'expire' as const, 'prune' as const),
      ...range,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('save', 'reopen', 'search', 'tick') }) as fc.Arbitrary<Step>,
  },
)

/** Attacks invariants 1 and 2 of `Keeper` and of `Saver`. */
class History {
  readonly #journal = journaledStorage()
  now = 0
  store!: BlockStore
  engine!: SearchEngine

  async open(): Promise<void> {
    const inner = this.#journal
    this.store = await openBlockStore({ ...bound(inner), close: async () => {} })
    this.engine = await openSearch(this.store, { saveFrom: 0, clock: { now: () => this.now } })
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'put') await this.store.put(chosen(step))
    else if (step.do === 'expire' || step.do === 'prune') {
      const ids = chosen(step).map(({ block: { id } }) => id)
      await this.store.erase(ids, step.do === 'expire' ? 'expired' : 'pruned')
    } else if (step.do === 'refuse' || step.do === 'admit') {
      const judged = step.do === 'admit' ? { admitted: true } : { admitted: false, code: 'policy' as const }
      await this.store.judge(chosen(step).map(({ block: { id } }) => ({ id, ...judged })))
    } else if (step.do === 'save') await this.engine.save()
    else if (step.do === 'tick') this.now += 5_000
    else if (step.do === 'search') await answersOf(this.engine, blocks)
    else {
      await this.engine.close()
      await this.open()
    }
  }

  /** As a crash after some of all batches leaves it. */
  crashed(share: number): Promise<KeyValueStorage> {
    return this.#journal.after(1 + Math.floor(share * (this.#journal.length - 1)))
  }
}

function bound(storage: JournaledStorage): KeyValueStorage {
  const { get, getMany, range: scan, batch, close } = storage
  return { get, getMany, range: scan, batch, close }
}

const chosen = ({ from, count }: { from: number; count: number }) => blocks.slice(from, from + count)

async function answers(engine: SearchEngine) {
  await engine.settled()
  return [await answersOf(engine, blocks), await answersOf(engine, blocks.slice(-60), 'test:small')]
}

test('after any history, and a crash at any batch of it, a saved index answers as a fresh one does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 14 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 3 }),
      async (steps, crashes) => {
        const history = new History()
        await history.open()
        await history.store.put(blocks.slice(0, 1030))
        for (const each of steps) await history.step(each)
        const clock = { now: () => history.now }
        const live = await openSearch(history.store, { persist: false, clock })
        expect(await answers(history.engine)).toEqual(await answers(live))
        for (const share of [...crashes, 1]) {
          const store = await openBlockStore(await history.crashed(share))
          const fresh = await answers(await openSearch(store, { persist: false, clock }))
          const saved = await openSearch(store, { saveFrom: 0, clock })
          expect(await answers(saved)).toEqual(fresh)
          await saved.close()
          expect(await answers(await openSearch(store, { saveFrom: 0, clock }))).toEqual(fresh)
        }
      },
    ),
    { numRuns: 5 },
  )
}, 120_000)
