import { createBlock } from '../block/index'
import { Signer } from '../signer/index'
import type { BlockStore, StoreChange, StoredBlock } from '../store/index'
import { addedOf, byTime, type Check, idsOf, sampleBlocks, stored } from './sample-blocks'
import { collect, rejection, type SuiteRunner } from './suite-tools'

/** The retraction of a block by one of the two authors of the samples. */
export async function retractionOf(id: string, author: number, time = 2_000_000): Promise<StoredBlock> {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(author + 1))
  return stored(await createBlock({ retraction: { block: id }, time }, signer))
}

/** Erasure by the owner of the store: expiry, pruning, the floor. */
export function erasing({ expect }: SuiteRunner, check: Check): void {
  check('what expired is gone but for its log entry, and may come again', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const [first, second] = idsOf(blocks)
    const changes = changesOf(store)
    expect(await store.erase([first!, first!, 'none', second!], 'expired')).toEqual([first, second])
    expect(await store.erase([first!], 'expired')).toEqual([])
    expect(changes.flatMap(({ erased }) => erased.map(({ id, reason }) => [id, reason]))).toEqual([
      [first, 'expired'],
      [second, 'expired'],
    ])
    expect([await store.get(first!), await store.has([first!])]).toEqual([undefined, [false]])
    await expectHeld({ expect }, store, blocks.slice(2))
    const states = (await collect(store.log())).map(({ state }) => state)
    expect(states).toEqual(blocks.map((_, i) => (i < 2 ? 'erased' : 'held')))
    expect(await store.put(blocks.slice(0, 1))).toEqual(['added'])
    expect((await collect(store.log())).at(-1)).toEqual(lineOf(blocks[0]!, 25))
  })
  check('what is pruned leaves a stub: it is not held, stays in the set, and is answered as pruned', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const pruned = idsOf(blocks.slice(0, 3))
    expect(await store.erase(pruned, 'pruned')).toEqual(pruned)
    await expectHeld({ expect }, store, blocks.slice(3))
    expect((await store.stats()).pruned).toBe(3)
    expect((await membersOf(store)).length).toBe(24)
    expect(await store.put(blocks.slice(0, 4))).toEqual(['pruned', 'pruned', 'pruned', 'known'])
    expect(await store.erase(pruned.slice(0, 1), 'expired')).toEqual(pruned.slice(0, 1))
    expect([(await store.stats()).pruned, (await membersOf(store)).length]).toEqual([2, 23])
    const withdrawn = blocks[5]!.block.id
    const changes = changesOf(store)
    expect(await store.erase([withdrawn, pruned[1]!], 'withdrawn')).toEqual([withdrawn])
    const told = changes.flatMap(({ erased }) => erased.map(({ id, reason }) => `${id} ${reason}`))
    expect(told).toEqual([`${withdrawn} withdrawn`])
    expect([await stateOf(store, withdrawn), (await membersOf(store)).length]).toEqual(['pruned', 23])
    expect(await store.put(blocks.slice(5, 6))).toEqual(['pruned'])
  })
  check('below the declared floor nothing is stored, and what is there is dropped in steps, stubs too', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const floor = 1_006_000
    const below = blocks.filter(({ block }) => block.time < floor)
    await store.erase([below[0]!.block.id], 'pruned')
    await store.raiseFloor(floor)
    await store.raiseFloor(5)
    expect((await store.stats()).floor).toBe(floor)
    const steps: number[] = []
    for (let dropped = -1; dropped !== 0; steps.push(dropped)) dropped = await store.dropBelow(floor, 5)
    expect(steps.reduce((sum, count) => sum + count, 0)).toBe(below.length)
    expect(steps.every(count => count <= 5)).toBe(true)
    await expectHeld(
      { expect },
      store,
      blocks.filter(({ block }) => block.time >= floor),
    )
    expect((await store.stats()).pruned).toBe(0)
    expect((await store.put(below)).every(outcome => outcome === 'below-floor')).toBe(true)
  })
}

/** The declared floor, and what is dropped below it. */
export function flooring({ expect }: SuiteRunner, check: Check): void {
  check('stubs below a floor are dropped alone, the oldest first, and what is held stays', async store => {
    const blocks = (await sampleBlocks()).toSorted(byTime)
    await store.put(blocks)
    const [oldest, ...stubs] = idsOf([0, 2, 4, 6, 20].map(i => blocks[i]!))
    await store.erase([oldest!, ...stubs], 'pruned')
    const floor = blocks[10]!.block.time
    const changes = changesOf(store)
    expect(await store.dropBelow(floor, 1, 'stubs')).toBe(1)
    expect([(await membersOf(store)).includes(oldest!), await stateOf(store, oldest!)]).toEqual([false, 'erased'])
    expect([await store.dropBelow(floor, 100, 'stubs'), await store.dropBelow(floor, 100, 'stubs')]).toEqual([3, 0])
    expect(changes.flatMap(({ erased }) => erased.map(({ id, reason }) => [id, reason]))).toEqual(
      [oldest, ...stubs.slice(0, 3)].map(id => [id, 'below-floor']),
    )
    expect([(await store.stats()).pruned, await stateOf(store, stubs[3]!)]).toEqual([1, 'pruned'])
    // No floor is declared by that: what was forgotten may come again.
    expect(await store.put([blocks[0]!, blocks[20]!])).toEqual(['added', 'pruned'])
    await expectHeld(
      { expect },
      store,
      blocks.filter((_, i) => i === 0 || ![2, 4, 6, 20].includes(i)),
    )
  })
  check('ids are erased as below the floor: blocks and stubs, but no retraction', async store => {
    const blocks = await sampleBlocks()
    const retraction = await retractionOf(blocks[9]!.block.id, 0)
    await store.put([...blocks.slice(0, 6), retraction])
    const [first, second, third] = idsOf(blocks) as [string, string, string]
    await store.erase([first], 'pruned')
    const changes = changesOf(store)
    expect(await store.erase([first, second, retraction.block.id, 'none', second], 'below-floor')).toEqual([
      first,
      second,
    ])
    expect(await store.erase([first, second], 'below-floor')).toEqual([])
    const told = changes.flatMap(({ erased }) => erased.map(({ id, author, reason }) => [id, author, reason]))
    expect(told).toEqual([first, second].map((id, i) => [id, blocks[i]!.block.author, 'below-floor']))
    expect([await stateOf(store, first), await stateOf(store, second), await stateOf(store, third)]).toEqual([
      'erased',
      'erased',
      'held',
    ])
    expect([(await store.stats()).pruned, (await store.stats()).floor]).toEqual([0, 0])
    await expectHeld({ expect }, store, [...blocks.slice(2, 6), retraction])
    await store.raiseFloor(blocks[1]!.block.time + 1)
    expect(await store.put(blocks.slice(0, 2))).toEqual(['below-floor', 'below-floor'])
  })
}

/** What the floor does not keep out. */
export function pinning({ expect }: SuiteRunner, check: Check): void {
  check('what is pinned is stored below the floor, and withdrawn there too', async store => {
    const [mine, other, third] = (await sampleBlocks()) as [StoredBlock, StoredBlock, StoredBlock]
    await store.raiseFloor(5_000_000)
    const changes = changesOf(store)
    const batch = [{ ...mine, pinned: true }, { ...other, pinned: false }, third]
    expect(await store.put(batch)).toEqual(['added', 'below-floor', 'below-floor'])
    expect(changes.map(({ added }) => added)).toEqual([[mine]])
    expect(await store.get(mine.block.id)).toEqual(mine)
    expect(await store.put([mine])).toEqual(['known'])
    const withdrawal = await retractionOf(mine.block.id, 0, 3)
    expect(await store.put([withdrawal])).toEqual(['added'])
    expect(await store.put([{ ...mine, pinned: true }])).toEqual(['retracted'])
    await expectHeld({ expect }, store, [withdrawal])
  })
  check('the floor takes no time that it cannot keep, and is never lowered', async store => {
    await store.raiseFloor(1_000)
    for (const time of [2 ** 48, 2 ** 48 + 5, Infinity, NaN, '2000', null]) {
      expect(await rejection(store.raiseFloor(time as number))).toBe('bad-value')
    }
    for (const time of [-1, -Infinity, 999, 0.5]) await store.raiseFloor(time)
    expect((await store.stats()).floor).toBe(1_000)
    await store.raiseFloor(2 ** 48 - 1)
    expect((await store.stats()).floor).toBe(2 ** 48 - 1)
  })
}

/** Erasure by the author of a block. */
export function retracting({ expect }: SuiteRunner, check: Check): void {
  check('a retraction erases its author’s block, whichever comes first, and in one batch too', async store => {
    const blocks = await sampleBlocks()
    const [late, early, together] = blocks as [StoredBlock, StoredBlock, StoredBlock]
    const [ofLate, ofEarly, ofTogether] = await Promise.all(
      [late, early, together].map(({ block }, i) => retractionOf(block.id, i % 2)),
    )
    const changes = changesOf(store)
    expect(await store.put([late])).toEqual(['added'])
    expect(await store.put([ofLate!, ofEarly!])).toEqual(['added', 'added'])
    expect(await store.put([early, late])).toEqual(['retracted', 'retracted'])
    expect(await store.put([together, ofTogether!])).toEqual(['retracted', 'added'])
    expect(changes.flatMap(({ erased }) => erased)).toEqual([
      { id: late.block.id, time: late.block.time, kind: 'embedding', author: late.block.author, reason: 'retracted' },
    ])
    await expectHeld({ expect }, store, [ofLate!, ofEarly!, ofTogether!])
    expect((await collect(store.log())).map(({ state }) => state)).toEqual(['erased', 'held', 'held', 'held'])
  })
  check('a retraction by another author changes nothing, whichever comes first', async store => {
    const blocks = await sampleBlocks()
    const [first, second] = blocks as [StoredBlock, StoredBlock]
    const [ofFirst, ofSecond] = [await retractionOf(first.block.id, 1), await retractionOf(second.block.id, 0)]
    expect(await store.put([first, ofSecond])).toEqual(['added', 'added'])
    expect(await store.put([second, ofFirst])).toEqual(['added', 'added'])
    await expectHeld({ expect }, store, [first, ofSecond, second, ofFirst])
  })
  check('a retraction is not retracted, nor pruned, and takes a stub with it', async store => {
    const [first] = (await sampleBlocks()) as [StoredBlock]
    await store.put([first])
    await store.erase([first.block.id], 'pruned')
    const retraction = await retractionOf(first.block.id, 0)
    const again = await retractionOf(retraction.block.id, 0)
    expect(await store.put([retraction, again])).toEqual(['added', 'added'])
    expect(await store.erase([retraction.block.id], 'pruned')).toEqual([])
    expect(await store.put([first, retraction])).toEqual(['retracted', 'known'])
    expect((await store.stats()).pruned).toBe(0)
    await expectHeld({ expect }, store, [retraction, again])
  })
}

const lineOf = ({ block: { id, time } }: StoredBlock, seq: number) => ({ seq, id, time, state: 'held' })

function changesOf(store: BlockStore): StoreChange[] {
  const changes: StoreChange[] = []
  store.onChange(change => changes.push(change))
  return changes
}

export async function membersOf(store: BlockStore): Promise<string[]> {
  return (await collect(store.members())).flat().map(({ id }) => id)
}

async function stateOf(store: BlockStore, id: string) {
  return (await collect(store.log())).filter(line => line.id === id).at(-1)?.state
}

/** Exactly these are held, by every way of asking. */
async function expectHeld({ expect }: Pick<SuiteRunner, 'expect'>, store: BlockStore, blocks: readonly StoredBlock[]) {
  const ids = idsOf(blocks)
  const listed = idsOf(await collect(store.query({ admittedOnly: false })))
  expect(listed.toSorted()).toEqual(ids.toSorted())
  const bytes = blocks.reduce((sum, { block }) => sum + block.bytes.length, 0)
  const admitted = blocks.filter(block => block.admitted).length
  const { pruned: _, floor: __, ...stats } = await store.stats()
  expect(stats).toEqual({ blocks: blocks.length, admitted, bytes })
  expect((await store.has(ids)).every(Boolean)).toBe(true)
  for (const index of ['author', 'kind'] as const) {
    for (const { term, blocks: count, bytes: size } of await store.terms(index)) {
      const of = blocks.filter(({ block }) => block[index] === term)
      expect([term, count, size]).toEqual([term, of.length, of.reduce((sum, { block }) => sum + block.bytes.length, 0)])
      expect(await store.count({ [index]: term, admittedOnly: false })).toBe(of.length)
    }
  }
  expect(addedOf(blocks, await store.put(blocks))).toEqual([])
}
