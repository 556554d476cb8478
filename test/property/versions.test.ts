import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { Cid, compare, unwrap } from '../../src/base/index'
import { loadHistory, supersededAmong, type StoredBlock } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'
import { idOf, retraction, storeOf, version } from '../unit/store/version-scenes'

const { readHistory } = await loadHistory()

/** What each version replaces; the last two are by another author. */
const GRAPH: readonly (readonly number[])[] = [[], [0], [0], [1], [1, 2], [4], [3, 5], [2], [0, 6], [1, 8]]
const FOREIGN = 8
const TIMES = [1, 2, 2, 5, 5, 5, 7, 7, 3, 9]

let versions: StoredBlock[]
/** By each version's author, and by another. */
let retractions: StoredBlock[]
let planted: StoredBlock[]

beforeAll(async () => {
  versions = []
  for (const [n, names] of GRAPH.entries()) {
    const supersedes = names.map(name => idOf(versions[name]!))
    versions.push(await version({ text: `${n}`, time: TIMES[n]!, author: n < FOREIGN ? 1 : 2, supersedes }))
  }
  retractions = await Promise.all(versions.map((each, n) => retraction(each, n < FOREIGN ? 1 : 2)))
  planted = await Promise.all(versions.map((each, n) => retraction(each, n < FOREIGN ? 2 : 1)))
})

/** The plain definition, over all that came. */
function expected(came: readonly StoredBlock[]) {
  const withdrawn = retractions
    .filter(each => came.includes(each))
    .map((_, i, all) => versions[retractions.indexOf(all[i]!)]!)
  const held = versions.filter(each => came.includes(each) && !withdrawn.includes(each))
  const replaced = new Set<string>()
  for (const { block } of came) {
    for (const id of (!block.opaque && block.supersedes) || []) {
      const of = versions.find(each => idOf(each) === id)!
      if (of.block.author === block.author) replaced.add(id)
    }
  }
  const heads = held.filter(each => !replaced.has(idOf(each)))
  return { held, heads }
}

const byWinning = (a: StoredBlock, b: StoredBlock) => b.block.time - a.block.time || compare(digest(a), digest(b))
const digest = (stored: StoredBlock) => unwrap(Cid.parse(idOf(stored))).digest

test('whatever order versions, withdrawals and planted ones come in: held set, heads and winner are the same', async () => {
  const indices = fc.subarray([...GRAPH.keys()])
  const arrivals = fc
    .tuple(indices, fc.subarray([...GRAPH.keys()], { maxLength: 4 }), fc.subarray([...GRAPH.keys()], { maxLength: 4 }))
    .chain(([some, gone, bad]) => {
      const pick = () => [
        ...some.map(n => versions[n]!),
        ...gone.map(n => retractions[n]!),
        ...bad.map(n => planted[n]!),
      ]
      const size = some.length + gone.length + bad.length
      const order = fc.shuffledSubarray([...Array(size).keys()], { minLength: size })
      return fc.tuple(fc.constant(pick), order, order, fc.integer({ min: 1, max: 6 }))
    })
  await fc.assert(
    fc.asyncProperty(arrivals, async ([pick, one, other, batch]) => {
      const came = pick()
      const { held, heads } = expected(came)
      for (const order of [one, other]) {
        const store = await storeOf()
        for (let i = 0; i < order.length; i += batch) await store.put(order.slice(i, i + batch).map(n => came[n]!))
        const stored = await collect(store.query({ kind: 'embedding' }))
        expect(stored.map(idOf).sort()).toEqual(held.map(idOf).sort())
        const tombstones = came.filter(({ block }) => block.kind === 'retraction')
        expect((await collect(store.query({ kind: 'retraction' }))).length).toBe(tombstones.length)
        const current = await supersededAmong(
          store,
          held.map(({ block }) => block),
        )
        expect(held.filter((_, i) => !current[i])).toEqual(heads)
        for (const start of held) {
          const history = (await readHistory(store, idOf(start)))!
          const together = new Set(history.versions.map(({ id }) => id))
          const mine = heads.filter(each => together.has(idOf(each))).sort(byWinning)
          expect(history.heads.map(({ id }) => id)).toEqual(mine.map(idOf))
          expect(history.winner?.id).toBe(mine[0] && idOf(mine[0]))
        }
      }
    }),
    { numRuns: 60, endOnFailure: true },
  )
})
