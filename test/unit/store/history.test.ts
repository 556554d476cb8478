import { describe, expect, test } from 'vitest'
import { loadHistory, type HistoryOptions, type StoredBlock } from '../../../src/store/index'
import { idOf, retraction, storeOf, version } from './version-scenes'

const { readHistory } = await loadHistory()

async function historyOf(id: string, blocks: readonly StoredBlock[], options?: HistoryOptions) {
  const history = await readHistory(await storeOf(...blocks), id, options)
  return history!
}
const ids = (versions: readonly { readonly id: string }[]) => versions.map(({ id }) => id)

/** a ← b ← d, a ← c: two heads. */
const a = await version({ text: 'a', time: 1 })
const b = await version({ text: 'b', time: 2, supersedes: [idOf(a)] })
const c = await version({ text: 'c', time: 3, supersedes: [idOf(a)] })
const d = await version({ text: 'd', time: 4, supersedes: [idOf(b)] })
const forked = [a, b, c, d]

describe('a history', () => {
  test('is the same from each of its versions', async () => {
    for (const each of forked) {
      const history = await historyOf(idOf(each), forked.toReversed())
      expect(ids(history.versions)).toEqual(forked.map(idOf))
      expect(ids(history.heads)).toEqual([d, c].map(idOf))
      expect([history.winner?.id, history.conflict, history.complete]).toEqual([idOf(d), true, true])
      expect(history.author).toBe(a.block.author)
    }
  })

  test('of a block alone is that block; of an unknown id there is none', async () => {
    const alone = await historyOf(idOf(a), [a])
    expect([ids(alone.heads), alone.conflict]).toEqual([[idOf(a)], false])
    expect(await readHistory(await storeOf(a), idOf(b))).toBeUndefined()
  })

  test('knows ancestors and successors, nearest first', async () => {
    const history = await historyOf(idOf(a), forked)
    expect(ids(history.ancestors(idOf(d)))).toEqual([b, a].map(idOf))
    expect(ids(history.successors(idOf(a)))).toEqual([b, c, d].map(idOf))
    expect([history.ancestors(idOf(a)), history.successors(idOf(d))]).toEqual([[], []])
    expect(history.get(idOf(b))).toMatchObject({ state: 'held', time: 2, supersedes: [idOf(a)] })
    expect(() => history.ancestors('bafy')).toThrow('bad-value')
  })

  test('is settled by a block that supersedes all heads', async () => {
    const merged = await version({ text: 'merged', time: 5, supersedes: [idOf(c), idOf(d)] })
    const history = await historyOf(idOf(b), [...forked, merged])
    expect([ids(history.heads), history.conflict]).toEqual([[idOf(merged)], false])
  })

  test('of equal times the smaller id wins', async () => {
    const twins = await Promise.all([...'abcdef'].map(text => version({ text, time: 9, supersedes: [idOf(a)] })))
    const history = await historyOf(idOf(a), [a, ...twins])
    expect(ids(history.heads)).toHaveLength(6)
    const reversed = await historyOf(idOf(twins[3]!), [...twins.toReversed(), a])
    expect(ids(reversed.heads)).toEqual(ids(history.heads))
    const store = await storeOf(...twins)
    const inOrder = await store.pageIds({})
    expect([...ids(history.heads)].sort()).toEqual([...inOrder.items].sort())
  })

  test('is of one author: what others say supersedes nothing, and leads nowhere', async () => {
    const planted = await version({ text: 'planted', time: 9, author: 2, supersedes: [idOf(a), idOf(d)] })
    const onIt = await version({ text: 'on it', time: 10, supersedes: [idOf(planted)] })
    const history = await historyOf(idOf(a), [...forked, planted, onIt])
    expect(ids(history.heads)).toEqual([d, c].map(idOf))
    expect(ids(history.versions)).not.toContain(idOf(onIt))
    expect(ids((await historyOf(idOf(planted), [...forked, planted])).versions)).toEqual([idOf(planted)])
  })

  test('names what is missing, and goes on beyond it', async () => {
    const history = await historyOf(idOf(d), [c, d])
    expect(history.get(idOf(b))).toMatchObject({ state: 'missing' })
    const around = await historyOf(idOf(c), [c, b, d])
    expect(around.get(idOf(a))).toMatchObject({ state: 'missing' })
    expect(ids(around.heads)).toEqual([d, c].map(idOf))
  })
})

describe('withdrawn versions', () => {
  test('a withdrawn head does not make its ancestors current again, in whatever order they came', async () => {
    const gone = await retraction(d)
    for (const blocks of [
      [a, b, c, gone],
      [gone, c, b, a],
    ]) {
      for (const id of [a, c, d, gone].map(idOf)) {
        const history = await historyOf(id, blocks)
        expect(ids(history.heads)).toEqual([idOf(c)])
        expect(history.get(idOf(d))).toMatchObject({ state: 'retracted', supersedes: [idOf(b)] })
      }
    }
  })

  test('when all heads are withdrawn nothing is left to read', async () => {
    const history = await historyOf(idOf(a), [a, b, await retraction(d), await retraction(c)])
    expect([history.heads, history.winner, history.conflict]).toEqual([[], undefined, false])
  })

  test('a retraction by another changes nothing', async () => {
    const planted = await retraction(d, 2)
    const history = await historyOf(idOf(a), [...forked, planted])
    expect(ids(history.heads)).toEqual([d, c].map(idOf))
    const alone = await readHistory(await storeOf(planted), idOf(d), { author: d.block.author })
    expect(alone).toBeUndefined()
  })

  test('of a block that is not here, the author’s own withdrawal is found among those of others', async () => {
    const claims = await Promise.all([2, 3, 4].map(author => retraction(d, author)))
    const history = await historyOf(idOf(d), [b, a, ...claims, await retraction(d)])
    expect([history.author, ids(history.heads)]).toEqual([a.block.author, []])
  })
})

describe('versions that are not admitted', () => {
  test('are no heads for whoever asks for admitted ones, and hide what is older only when something after them is', async () => {
    const refused = await version({ text: 'refused', time: 5, supersedes: [idOf(a)], admitted: false })
    const after = await version({ text: 'after', time: 6, supersedes: [idOf(refused)] })
    const heads = async (blocks: StoredBlock[], admittedOnly: boolean) =>
      ids((await historyOf(idOf(a), blocks, { admittedOnly })).heads)
    expect(await heads([a, refused], true)).toEqual([idOf(a)])
    expect(await heads([a, refused], false)).toEqual([idOf(refused)])
    expect(await heads([a, refused, after], true)).toEqual([idOf(after)])
    expect(await heads([a, await retraction(refused, 1, false)], true)).toEqual([])
  })
})

describe('choosing', () => {
  test('a resolver sees the blocks of all heads, the winner first, and names one', async () => {
    const history = await historyOf(idOf(a), forked)
    const seen: string[] = []
    const chosen = await history.resolve(heads => {
      seen.push(...ids(heads))
      return idOf(c)
    })
    expect([seen, chosen?.id]).toEqual([[d, c].map(idOf), idOf(c)])
    expect((await history.resolve(() => undefined))?.id).toBe(idOf(d))
    await expect(history.resolve(() => idOf(a))).rejects.toMatchObject({ code: 'bad-value', field: 'id' })
    const failing = history.resolve(() => Promise.reject(new Error('no choice')))
    await expect(failing).rejects.toThrow('no choice')
  })

  test('of 257 heads no resolver is asked', async () => {
    const fan = await Promise.all(
      Array.from({ length: 257 }, (_, i) => version({ text: `${i}`, time: 2, supersedes: [idOf(a)] })),
    )
    const history = await historyOf(idOf(a), [a, ...fan])
    await expect(history.resolve(heads => heads[0]!.id)).rejects.toMatchObject({ code: 'limit', limit: 256 })
  })
})

describe('differences', () => {
  test('name fields, tags and links, and the cosine of the vectors', async () => {
    const from = await version({ text: 'one', tags: ['x', 'y'], vector: [1, 0] })
    const to = await version({ text: 'two', tags: ['y', 'z'], vector: [1, 1], time: 2000, supersedes: [idOf(from)] })
    const history = await historyOf(idOf(to), [from, to])
    const diff = await history.diff(idOf(from), idOf(to))
    expect(diff).toMatchObject({
      changed: ['embedding.data', 'input.content', 'input.hash', 'time'],
      tags: { added: ['z'], removed: ['x'] },
      links: { added: [], removed: [] },
    })
    expect(diff.cosine).toBeCloseTo(Math.SQRT1_2, 6)
    const none = await history.diff(idOf(to), idOf(to))
    expect([none.changed, none.cosine]).toEqual([[], expect.closeTo(1, 6)])
    await expect(history.diff(idOf(from), idOf(a))).rejects.toMatchObject({ code: 'bad-value' })
  })

  test('of a version that is not held there are none', async () => {
    const history = await historyOf(idOf(d), [d])
    await expect(history.diff(idOf(b), idOf(d))).rejects.toMatchObject({ code: 'bad-value', field: 'id' })
  })
})
