import { afterEach, expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { createBlock, createWitness, type VerifiedBlock } from '../../../src/block/index'
import { type AuthorWatch, type DueBlocks, Ingest, type Stored } from '../../../src/ingest/index'
import { MAX_PENDING, REGRADE_BATCH, REGRADE_INTERVAL, Regrader, RETRY_INTERVAL } from '../../../src/ingest/regrader'
import { Signer } from '../../../src/signer/index'
import { memoryStorage, openBlockStore, type BlockStore } from '../../../src/store/index'
import { CosmicValidator, type EvidenceSource, type Policy } from '../../../src/validate/index'
import { storeEvidence } from '../../../src/client/store-evidence'
import { HandTimers } from './hand-timers'

const witness = await Signer.fromSeed(new Uint8Array(32).fill(21))
const author = await Signer.fromSeed(new Uint8Array(32).fill(22))
const policy: Policy = {
  rules: [{ when: { kinds: ['embedding'] }, require: { notAfter: { of: [witness.did], atLeast: 1 } } }],
}

let open: Regrader | undefined
afterEach(() => open?.close())

interface Given {
  store?: BlockStore
  evidence?: EvidenceSource
  authors?: AuthorWatch
}

const NOTHING: EvidenceSource = { about: () => Promise.resolve([]), get: () => Promise.resolve(undefined) }

async function setUp({ store: given, evidence, authors }: Given = {}) {
  const store = given ?? (await openBlockStore(memoryStorage()))
  let judged: string[] = []
  const validator = new CosmicValidator(policy, { evidence: evidence ?? storeEvidence(store) })
  const ingest = new Ingest({ validator, store, clock: { now: () => Date.now() } })
  const timers = new HandTimers()
  const errors: unknown[] = []
  const regrader = new Regrader({
    ...{ ingest, store, timers, reader: validator, ...(authors && { authors }) },
    onError: error => errors.push(error),
    onRegrade: ids => (judged = [...judged, ...ids]),
  })
  regrader.open()
  open = regrader
  const take = () => judged.splice(0)
  return { store, ingest, timers, regrader, errors, take, validator }
}

const embedding = (n: number) => createBlock({ embedding: [n, 1], model: 'test:two' }, author)
const countersigned = async (id: string, time?: number, by = witness) =>
  (await createWitness([id], by, time === undefined ? {} : { time })).block

test('a flood of one witness’s statements about one block is one judgement a round', async () => {
  const { ingest, timers, take, regrader } = await setUp()
  await timers.all()
  const block = await embedding(1)
  await ingest.ingest([block])
  await timers.all()
  take()
  const flood = await Promise.all(Array.from({ length: 200 }, (_, i) => countersigned(block.id, 1_000 + i)))
  for (const each of flood) await ingest.ingest([each])
  expect(regrader.pending).toBe(1)
  expect(await timers.all()).toBe(1)
  expect(take()).toEqual([block.id])
})

test('a round judges no more than its bound, whatever waits, and rounds keep their distance', async () => {
  const { ingest, timers, take, store } = await setUp()
  const blocks = await Promise.all(Array.from({ length: 150 }, (_, i) => embedding(i)))
  await ingest.ingest(blocks)
  await timers.all()
  take()
  await ingest.ingest(await Promise.all(blocks.map(({ id }) => countersigned(id))))
  const sizes: number[] = []
  while (await timers.round()) sizes.push(take().length)
  expect(sizes).toEqual([REGRADE_BATCH, REGRADE_BATCH, 150 - 2 * REGRADE_BATCH])
  expect(new Set(timers.waits)).toEqual(new Set([REGRADE_INTERVAL]))
  expect((await store.stats()).admitted).toBe(300)
})

test('what strangers say costs no judgement', async () => {
  const { ingest, timers, take, regrader } = await setUp()
  const block = await embedding(1)
  await ingest.ingest([block])
  await timers.all()
  take()
  const strangers = await Promise.all(Array.from({ length: 20 }, () => Signer.generate()))
  await ingest.ingest(await Promise.all(strangers.map(by => countersigned(block.id, undefined, by))))
  expect(regrader.pending).toBe(0)
  expect(await timers.all()).toBe(0)
  expect(take()).toEqual([])
})

test('beyond the bound of what waits nothing is forgotten: the evidence is read again', async () => {
  const { timers, regrader, store, validator } = await setUp()
  await timers.all()
  const stored = async (bytes: Uint8Array) => {
    const verdict = await validator.validate(bytes)
    return { block: (verdict as { block: VerifiedBlock }).block, admitted: false, code: 'missing-evidence' as const }
  }
  const mine = [await stored((await embedding(1)).bytes)]
  mine.push(await stored((await countersigned(mine[0]!.block.id)).bytes))
  await store.put(mine)
  const listeners: ((stored: Stored) => void)[] = []
  const flooded = new Regrader({
    ingest: {
      on: (_: string, listener: (stored: Stored) => void) => (listeners.push(listener), () => {}),
      regrade: async () => [],
    } as unknown as Ingest,
    ...{ store, timers, reader: validator, onError: () => {} },
    onRegrade: ids => flood.push(...ids),
  })
  const flood: string[] = []
  await regrader.close()
  flooded.open()
  await timers.all()
  flood.length = 0
  const about = (id: string) =>
    ({ ...mine[1]!.block, id: `by ${id}`, witness: { block: id } }) as unknown as VerifiedBlock
  const others = Array.from({ length: MAX_PENDING }, (_, i) => ({ block: about(`${i}`), admitted: true }))
  listeners[0]!({ blocks: [...others, mine[1]!], erased: [] })
  expect(flooded.pending).toBe(MAX_PENDING)
  await timers.all()
  expect(flood).toContain(mine[0]!.block.id)
  await flooded.close()
})

test('a store that fails is told, and tried again later', async () => {
  const { ingest, timers, errors, store, take } = await setUp()
  const block = await embedding(1)
  await ingest.ingest([block])
  await timers.all()
  await ingest.ingest([await countersigned(block.id)])
  const judge = store.judge.bind(store)
  store.judge = () => Promise.reject(new Error('disk full'))
  await timers.round()
  expect(errors).toEqual([expect.objectContaining({ message: 'disk full' })])
  expect(timers.waits.at(-1)).toBe(RETRY_INTERVAL)
  store.judge = judge
  take()
  await timers.all()
  expect(take()).toContain(block.id)
  expect((await store.stats()).admitted).toBe(2)
})

test('evidence that is stored while its block is judged is not missed', async () => {
  const store = await openBlockStore(memoryStorage())
  const block = await embedding(1)
  const statement = await countersigned(block.id)
  const inner = storeEvidence(store)
  let slip: (() => Promise<unknown>) | undefined
  // The block's evidence is read; then, before the block is stored, the statement is, and its round passes.
  const evidence: EvidenceSource = {
    get: id => inner.get(id),
    async about(id, query) {
      const found = await inner.about(id, query)
      const now = slip
      slip = undefined
      await now?.()
      return found
    },
  }
  const { ingest, timers } = await setUp({ store, evidence })
  await timers.all()
  slip = async () => {
    await ingest.ingest([statement])
    await timers.all()
  }
  const [verdict] = await ingest.ingest([block])
  expect(verdict).toMatchObject({ status: 'valid', admitted: false })
  await timers.all()
  expect((await store.get(block.id))?.admitted).toBe(true)
})

test('evidence that retention removes counts no more', async () => {
  const { store, ingest, timers } = await setUp()
  const block = await embedding(1)
  const statement = await countersigned(block.id)
  await ingest.ingest([block, statement])
  await timers.all()
  expect((await store.get(block.id))?.admitted).toBe(true)
  expect(await ingest.erase([statement.id], 'pruned')).toBe(1)
  await timers.all()
  expect((await store.get(block.id))?.admitted).toBe(false)
})

test('nothing happens after closing', async () => {
  const { ingest, timers, regrader } = await setUp()
  await regrader.close()
  const block = await embedding(1)
  await ingest.ingest([block, await countersigned(block.id)])
  expect(regrader.pending).toBe(0)
  expect(await timers.all()).toBe(0)
})

/** Says of one author that his blocks are due, until they are settled. */
class OneAuthor implements AuthorWatch {
  hasWork = true
  settled = 0
  fails = 0
  next(): Promise<DueBlocks> {
    this.hasWork = false
    const settle = async () => {
      if (this.fails-- > 0) throw new CosmicError({ code: 'storage' })
      this.settled++
    }
    return Promise.resolve({ blocks: [{ author: author.did }], settle })
  }
  isStale = () => false
  reset() {
    this.hasWork = true
  }
}

test('all of a due author’s blocks are judged, no more than the bound a round, and settled after the last', async () => {
  const watch = new OneAuthor()
  watch.hasWork = false
  const { ingest, timers, regrader, take } = await setUp({ authors: watch, evidence: NOTHING })
  const blocks = await Promise.all(Array.from({ length: 150 }, (_, i) => embedding(i)))
  await ingest.ingest(blocks)
  await timers.all()
  take()
  watch.hasWork = true
  regrader.wake()
  const judged: string[] = []
  while (await timers.round()) {
    const round = take()
    expect(round.length).toBeLessThanOrEqual(REGRADE_BATCH)
    judged.push(...round)
    if (judged.length < 150) expect(watch.settled).toBe(0)
  }
  expect(judged.sort()).toEqual(blocks.map(({ id }) => id).sort())
  expect(watch.settled).toBe(1)
})

test('an author who cannot be settled is due again, later', async () => {
  const watch = new OneAuthor()
  watch.fails = 1
  const { ingest, timers, errors } = await setUp({ authors: watch, evidence: NOTHING })
  await ingest.ingest([await embedding(1)])
  await timers.all()
  expect(errors).toMatchObject([{ code: 'storage' }])
  expect(watch.settled).toBe(1)
  expect(timers.waits).toContain(RETRY_INTERVAL)
})
