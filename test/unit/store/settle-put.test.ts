import { describe, expect, test } from 'vitest'
import { createBlock, type VerifiedBlock } from '../../../src/block/index'
import { type Holding, type PutState, settlePut } from '../../../src/store/settle-put'
import type { StoredBlock } from '../../../src/store/index'
import { sampleBlock, signerOf } from '../../tools/stored-block'

const admitted = (block: unknown): StoredBlock => ({ block: block as VerifiedBlock, admitted: true })
const retraction = async (id: string, author: number, time = 5) =>
  admitted(await createBlock({ retraction: { block: id }, time }, await signerOf(author)))
const embedding = async (text: string, author = 1) => admitted(await sampleBlock({ text, author }))

const stateOf = (known: Partial<PutState> & { holdings?: Record<string, Holding> } = {}): PutState => ({
  floor: 0,
  held: id => known.holdings?.[id],
  wasErased: () => false,
  isRetracted: () => false,
  waiting: () => 0,
  limits: { author: 10, all: 100 },
  ...known,
})
const holdingOf = ({ block: { kind, author } }: StoredBlock, state: Holding['state'] = 'whole'): Holding => ({
  ...{ state, kind, author },
})

describe('settlePut', () => {
  test('stores what is new, once, and mends what is damaged', async () => {
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(text => embedding(text)))
    const holdings = { [b!.block.id]: holdingOf(b!), [c!.block.id]: holdingOf(c!, 'damaged') }
    const { outcomes, added } = settlePut([a!, b!, a!, c!], stateOf({ holdings }))
    expect(outcomes).toEqual(['added', 'known', 'known', 'added'])
    expect(added).toEqual([a, c])
  })

  test('answers stubs and what lies below the floor', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map(text => embedding(text)))
    const state = stateOf({ floor: 2_000_000, holdings: { [a!.block.id]: holdingOf(a!, 'stub') } })
    expect(settlePut([a!, b!, b!], state).outcomes).toEqual(['pruned', 'below-floor', 'below-floor'])
  })

  test('the floor keeps out neither what is pinned nor a retraction', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map(text => embedding(text)))
    const withdrawal = await retraction(b!.block.id, 1)
    const batch = [{ ...a!, pinned: true }, { ...b!, pinned: false }, withdrawal]
    const { outcomes, added } = settlePut(batch, stateOf({ floor: 2_000_000 }))
    expect(outcomes).toEqual(['added', 'below-floor', 'added'])
    expect(added).toEqual([a, withdrawal])
  })

  test('a retraction in the same batch, before or after, keeps its block out, and waits', async () => {
    const block = await embedding('a')
    const withdrawal = await retraction(block.block.id, 1)
    for (const batch of [
      [block, withdrawal],
      [withdrawal, block],
    ]) {
      const settled = settlePut(batch, stateOf())
      expect(settled.outcomes).toEqual(batch.map(each => (each === block ? 'retracted' : 'added')))
      expect(settled.waiting).toEqual([withdrawal.block.id])
      expect(settled.retracted).toEqual([])
    }
  })

  test('a retraction by another author does nothing', async () => {
    const block = await embedding('a')
    const foreign = await retraction(block.block.id, 2)
    const apart = settlePut([foreign], stateOf({ holdings: { [block.block.id]: holdingOf(block) } }))
    expect(apart).toMatchObject({ outcomes: ['added'], retracted: [], waiting: [] })
    expect(settlePut([foreign, block], stateOf())).toMatchObject({ outcomes: ['added', 'added'], waiting: [] })
  })

  test('one that is held keeps its block out', async () => {
    const block = await embedding('a')
    const isRetracted = (id: string, author: string) => id === block.block.id && author === block.block.author
    expect(settlePut([block], stateOf({ isRetracted })).outcomes).toEqual(['retracted'])
  })

  test.each(['whole', 'damaged', 'stub'] as const)('what is held %s is erased', async state => {
    const block = await embedding('a')
    const withdrawal = await retraction(block.block.id, 1)
    const holdings = { [block.block.id]: holdingOf(block, state) }
    const settled = settlePut([withdrawal, withdrawal], stateOf({ holdings }))
    expect(settled).toMatchObject({ outcomes: ['added', 'known'], retracted: [block.block.id], waiting: [] })
  })

  test('retractions are not retracted', async () => {
    const first = await retraction((await embedding('a')).block.id, 1)
    const second = await retraction(first.block.id, 1)
    expect(settlePut([first, second], stateOf()).outcomes).toEqual(['added', 'added'])
    const held = settlePut([second], stateOf({ holdings: { [first.block.id]: holdingOf(first) } }))
    expect(held.retracted).toEqual([])
  })

  test('early ones wait under a quota of their author and of all; those whose block was here do not', async () => {
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map(async text => (await embedding(text)).block.id))
    const mine = await Promise.all(ids.slice(0, 3).map(id => retraction(id, 1)))
    const theirs = await retraction(ids[3]!, 2)
    const full = { limits: { author: 3, all: 5 }, waiting: (author?: string) => (author === undefined ? 2 : 1) }
    expect(settlePut([...mine, theirs], stateOf(full)).outcomes).toEqual(['added', 'added', 'quota', 'added'])
    const fuller = { limits: { author: 9, all: 5 }, waiting: () => 4 }
    expect(settlePut([...mine, theirs], stateOf(fuller)).outcomes).toEqual(['added', 'quota', 'quota', 'quota'])
    const settled = settlePut(mine, stateOf({ ...full, limits: { author: 0, all: 0 }, wasErased: () => true }))
    expect(settled).toMatchObject({ outcomes: ['added', 'added', 'added'], waiting: [] })
  })

  test('one for which there is no room keeps nothing out', async () => {
    const block = await embedding('a')
    const withdrawal = await retraction(block.block.id, 1)
    const settled = settlePut([withdrawal, block], stateOf({ limits: { author: 0, all: 0 } }))
    expect(settled.outcomes).toEqual(['quota', 'added'])
  })
})
