import type { BlockQuery, BlockStore, StoredBlock } from '../store/index'
import { judging, relations } from './judging'
import { addedOf, byTime, type Check, idsOf, MODELS, sampleBlocks, UNKNOWN_ID } from './sample-blocks'
import { limits, remembering } from './store-bounds'
import { calls } from './store-calls'
import { erasing, flooring, membersOf, pinning, retracting } from './store-erasing'
import { links } from './store-links'
import { logging, restoring } from './store-log'
import { pages, terms } from './store-pages'
import { quotas, type SuiteQuota } from './store-quota'
import { readRunner, readSubject } from './read-subject'
import { collect, rejection, type SuiteRunner } from './suite-tools'

export interface BlockStoreSubject {
  readonly name: string
  /** A new, empty store each time. */
  open(): Promise<BlockStore>
  /** Durable stores only: opens again what the last `open` made, which the suite has closed. */
  reopen?(): Promise<BlockStore>
  /** Stores over something that can be damaged: spoils the record of a block in what the last `open` made. */
  damage?(id: string): Promise<void>
  /** Stores whose room for early retractions can be set: like `open`, with no more of it than this. */
  openWithQuota?(quota: SuiteQuota): Promise<BlockStore>
}

/**
 * What every `BlockStore` must do. Its blocks are real: signed and verified.
 *
 * @example
 * ```ts
 * import { describe, expect, test } from 'vitest'
 * blockStoreSuite({ describe, test, expect }, { name: 'mine', open: async () => openBlockStore(myStorage()) })
 * ```
 */
export function blockStoreSuite(runner: SuiteRunner, subject: BlockStoreSubject): void {
  readRunner(runner, 'runner')
  readSubject(subject)
  runner.describe(`BlockStore: ${subject.name}`, () => {
    const check: Check = (name, body) =>
      runner.test(name, async () => {
        const store = await subject.open()
        await body(store).finally(() => store.close())
      })
    reading(runner, check)
    writing(runner, check)
    judging(runner, check)
    relations(runner, check)
    links(runner, check)
    queries(runner, check)
    pages(runner, check)
    terms(runner, check)
    logging(runner, check)
    restoring(runner, check)
    erasing(runner, check)
    flooring(runner, check)
    pinning(runner, check)
    retracting(runner, check)
    limits(runner, check)
    calls(runner, check)
    remembering(runner, check)
    if (subject.openWithQuota) quotas(runner, subject.openWithQuota.bind(subject))
    if (subject.damage) damage(runner, check, subject.damage.bind(subject))
    lifecycle(runner, check, subject)
  })
}

function reading({ expect }: SuiteRunner, check: Check): void {
  check('gives back what was put, byte for byte, with its judgement', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    expect(await store.getMany(idsOf(blocks))).toEqual([...blocks])
    expect((await store.get(blocks[3]!.block.id))?.code).toBe('policy')
    expect(Object.isFrozen((await store.get(blocks[0]!.block.id))?.block)).toBe(true)
  })
  check('absence is undefined, whatever the id looks like', async store => {
    const [first] = await sampleBlocks()
    await store.put([first!])
    for (const id of [UNKNOWN_ID, '', 'no id', '\u{1F30C}', 'x'.repeat(5000)])
      expect(await store.get(id)).toBe(undefined)
    expect(await store.has([UNKNOWN_ID, first!.block.id, ''])).toEqual([false, true, false])
    const [unknown, known] = await store.getMany([UNKNOWN_ID, first!.block.id])
    expect([unknown, known?.block.id]).toEqual([undefined, first!.block.id])
  })
  check('envelopes, where they are to be had alone, are those of the blocks', async store => {
    const [first, second] = await sampleBlocks()
    await store.put([first!])
    const ids = [second!.block.id, first!.block.id, '', UNKNOWN_ID]
    const envelopes = (await store.envelopes?.(ids)) ?? (await store.getMany(ids)).map(stored => stored?.block.bytes)
    expect(envelopes).toEqual([undefined, first!.block.bytes, undefined, undefined])
  })
}

function writing({ expect }: SuiteRunner, check: Check): void {
  check('the first stored of an id stays, also within one batch', async store => {
    const [first, second] = await sampleBlocks()
    const again: StoredBlock = { block: first!.block, admitted: false, code: 'policy' }
    expect(await store.put([first!, again, second!])).toEqual(['added', 'known', 'added'])
    expect(await store.put([again])).toEqual(['known'])
    expect((await store.get(first!.block.id))?.admitted).toBe(true)
    expect((await store.stats()).blocks).toBe(2)
  })
  check('concurrent puts lose nothing, count once, and number the log without a gap', async store => {
    const blocks = await sampleBlocks()
    const answers = await Promise.all([...blocks, ...blocks].map(block => store.put([block])))
    expect(answers.flat().filter(outcome => outcome === 'added').length).toBe(blocks.length)
    const log = await collect(store.log())
    expect(log.map(({ seq }) => seq)).toEqual(blocks.map((_, i) => i + 1))
    expect(log.map(({ id }) => id)).toEqual(idsOf(blocks))
    const bytes = blocks.reduce((sum, { block }) => sum + block.bytes.length, 0)
    expect(await store.stats()).toEqual({ blocks: 24, admitted: 18, bytes, pruned: 0, floor: 0 })
  })
  check('the log keeps the order of storing and can be read from a place', async store => {
    const blocks = (await sampleBlocks()).toReversed()
    await store.put(blocks.slice(0, 10))
    await store.put(blocks.slice(5))
    const lines = blocks.map(({ block }, i) => ({ seq: i + 1, id: block.id, time: block.time, state: 'held' }))
    expect(await collect(store.log())).toEqual(lines)
    expect(await collect(store.log({ after: 9, limit: 3 }))).toEqual(lines.slice(9, 12))
    expect(await collect(store.log({ after: 24 }))).toEqual([])
    expect(await rejection(collect(store.log({ signal: AbortSignal.abort() })))).toBe('aborted')
  })
  check('a change tells what was added, after it can be read, and nothing when all was known', async store => {
    const blocks = await sampleBlocks()
    const changes: (readonly string[])[] = []
    const stop = store.onChange(({ added }) => changes.push(idsOf(added)))
    await store.put(blocks.slice(0, 3))
    await store.put(blocks.slice(1, 5))
    await store.put(blocks.slice(0, 5))
    stop()
    await store.put(blocks)
    expect(changes).toEqual([idsOf(blocks.slice(0, 3)), idsOf(blocks.slice(3, 5))])
  })
}

/** Every combination of one choice per condition, checked against a plain filter over all samples. */
function queries({ expect }: SuiteRunner, check: Check): void {
  check('every combination of conditions equals a plain filter, in order of (time, id), both ways', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const authors = [undefined, blocks[0]!.block.author]
    const tags = [undefined, ['even'], ['even', 'third'], ['never']]
    const spans = [{}, { since: 1_003_000 }, { since: 1_003_000.5, until: 1_007_000 }, { until: 0 }, { since: -5 }]
    for (const author of authors)
      for (const model of [undefined, ...MODELS])
        for (const tag of tags)
          for (const span of spans)
            for (const admittedOnly of [true, false]) {
              const query = {
                ...span,
                ...(author && { author }),
                ...(model && { model }),
                ...(tag && { tags: tag }),
                admittedOnly,
              }
              const expected = idsOf(blocks.filter(stored => meets(stored, query)).sort(byTime))
              expect(idsOf(await collect(store.query(query)))).toEqual(expected)
              const newest = await collect(store.query({ ...query, reverse: true, limit: 5 }))
              expect(idsOf(newest)).toEqual(expected.toReversed().slice(0, 5))
            }
  })
  check('kind is a condition, unadmitted blocks are left out by default, and nonsense is refused', async store => {
    await store.put(await sampleBlocks())
    expect((await collect(store.query())).length).toBe(18)
    expect((await collect(store.query({ kind: 'embedding', admittedOnly: false }))).length).toBe(24)
    expect(await collect(store.query({ kind: 'translator' }))).toEqual([])
    expect(await collect(store.query({ limit: 0 }))).toEqual([])
    for (const query of [{ since: NaN }, { until: NaN }, { limit: NaN }]) {
      expect(await rejection(collect(store.query(query)))).toBe('bad-value')
    }
    expect(await rejection(collect(store.query({ signal: AbortSignal.abort() })))).toBe('aborted')
  })
}

function meets({ block, admitted }: StoredBlock, query: BlockQuery): boolean {
  if (block.opaque || block.kind !== 'embedding') return false
  const { author = block.author, model = block.embedding.model, tags = [], since = 0, until = Infinity } = query
  const fields = block.author === author && block.embedding.model === model
  const inTime = block.time >= since && block.time < until
  return fields && inTime && tags.every(tag => block.tags?.includes(tag)) && (admitted || query.admittedOnly === false)
}

const linesOf = async (store: BlockStore) => (await collect(store.log())).map(({ id, state }) => [id, state])

function damage({ expect }: SuiteRunner, check: Check, spoil: (id: string) => Promise<void>): void {
  const setUp = async (store: BlockStore) => {
    const blocks = (await sampleBlocks()).filter(({ admitted }) => admitted)
    await store.put(blocks)
    await spoil(blocks[2]!.block.id)
    return { blocks, bad: blocks[2]!, rest: blocks.filter((_, i) => i !== 2) }
  }
  check('a damaged record stops no list; only its own `get` rejects, naming it', async store => {
    const { blocks, bad, rest } = await setUp(store)
    expect(await store.getMany(idsOf(blocks))).toEqual(blocks.map(stored => (stored === bad ? undefined : stored)))
    expect(await store.has(idsOf(blocks))).toEqual(blocks.map(stored => stored !== bad))
    expect(idsOf(await collect(store.query()))).toEqual(idsOf(rest.toSorted(byTime)))
    const error = await store.get(bad.block.id).catch((failure: unknown) => failure)
    const { code, field } = error as { code?: unknown; field?: unknown }
    expect([code, field]).toEqual(['storage', `blocks.${bad.block.id}`])
    expect(await store.get(rest[0]!.block.id)).toEqual(rest[0])
  })
  check(
    'a damaged record that was met is set aside as lost, and its block comes again at the end of the log',
    async store => {
      const { blocks, bad, rest } = await setUp(store)
      const before = await store.stats()
      const lost = new Promise(resolve => store.onChange(change => change.lost && resolve(change.lost)))
      expect((await store.has(idsOf([bad])))[0]).toBe(false)
      expect(await lost).toEqual([{ id: bad.block.id, time: bad.block.time }])
      expect((await membersOf(store)).sort()).toEqual(idsOf(rest).sort())
      expect((await collect(store.log())).map(({ state }) => state).indexOf('lost')).toBe(2)
      const end = await store.position()
      expect(await rejection(store.get(bad.block.id))).toBe('storage')
      expect(addedOf(blocks, await store.put(blocks))).toEqual([bad.block.id])
      expect(await store.stats()).toEqual(before)
      const expected = idsOf(blocks).map(id => [id, id === bad.block.id ? 'erased' : 'held'])
      expect(await linesOf(store)).toEqual([...expected, [bad.block.id, 'held']])
      // Whoever read the log before it came again gets it.
      expect((await collect(store.log({ after: end }))).map(({ id }) => id)).toEqual([bad.block.id])
      expect((await membersOf(store)).sort()).toEqual(idsOf(blocks).sort())
      if (store.check) expect((await collect(store.check())).filter(({ finding }) => finding !== undefined)).toEqual([])
    },
  )
  check('putting a damaged block again mends it, announces it, counts it once, and logs it anew', async store => {
    const { blocks, bad } = await setUp(store)
    const before = await store.stats()
    const changes: (readonly string[])[] = []
    store.onChange(({ added }) => changes.push(idsOf(added)))
    expect(addedOf(blocks, await store.put(blocks))).toEqual([bad.block.id])
    expect(changes).toEqual([[bad.block.id]])
    expect(await store.getMany(idsOf(blocks))).toEqual([...blocks])
    expect(await store.stats()).toEqual(before)
    const expected = idsOf(blocks).map(id => [id, id === bad.block.id ? 'erased' : 'held'])
    expect(await linesOf(store)).toEqual([...expected, [bad.block.id, 'held']])
    expect(addedOf(blocks, await store.put(blocks))).toEqual([])
    if (store.check) expect((await collect(store.check())).filter(({ finding }) => finding !== undefined)).toEqual([])
  })
}

function lifecycle({ expect, test }: SuiteRunner, check: Check, subject: BlockStoreSubject): void {
  check('after close everything rejects with closed; puts under way are finished first', async store => {
    const blocks = await sampleBlocks()
    const pending = store.put(blocks)
    await store.close()
    await store.close()
    expect((await pending).length).toBe(blocks.length)
    expect(await rejection(store.put(blocks))).toBe('closed')
    expect(await rejection(store.judge([]))).toBe('closed')
    expect(await rejection(store.get(UNKNOWN_ID))).toBe('closed')
    expect(await rejection(store.has([UNKNOWN_ID]))).toBe('closed')
    expect(await rejection(store.stats())).toBe('closed')
    expect(await rejection(collect(store.query()))).toBe('closed')
    expect(await rejection(collect(store.log()))).toBe('closed')
  })
  if (subject.reopen === undefined) return
  test('blocks, log and totals go on after closing and opening again', async () => {
    const blocks = await sampleBlocks()
    const first = await subject.open()
    await first.put(blocks.slice(0, 20))
    const before = await first.stats()
    await first.close()
    const second = await subject.reopen!()
    expect(await second.stats()).toEqual(before)
    expect(addedOf(blocks, await second.put(blocks))).toEqual(idsOf(blocks.slice(20)))
    expect((await collect(second.log())).map(({ seq }) => seq)).toEqual(blocks.map((_, i) => i + 1))
    expect(await second.getMany(idsOf(blocks))).toEqual([...blocks])
    await second.close()
  })
}
