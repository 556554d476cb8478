import type { BlockStore, LogCursor, PutBlock, Rejudgement, StoredBlock } from '../store/index'
import { type Check, idsOf, sampleBlocks } from './sample-blocks'
import { collect, type SuiteRunner } from './suite-tools'

/** Calls of wrong types, and with values that mean nothing. */
export function calls(runner: SuiteRunner, check: Check): void {
  writes(runner, check)
  inOrder(runner, check)
  bytesOfOthers(runner, check)
  reads(runner, check)
  transfers(runner, check)
  placesAndTerms(runner, check)
}

function writes({ expect }: SuiteRunner, check: Check): void {
  check('a judgement, a reason or a block that is none is refused, and changes nothing', async store => {
    const blocks = await sampleBlocks()
    await store.put(blocks)
    const before = await sums(store)
    const [first, second] = blocks as [StoredBlock, StoredBlock]
    const { id } = first.block
    const other = { id: second.block.id, admitted: false }
    for (const [judgement, ...expected] of [
      [{ id, admitted: 'no' }, 'bad-type', 'judgements.admitted'],
      [{ id }, 'bad-type', 'judgements.admitted'],
      [{ id, admitted: false, code: 'x'.repeat(300) }, 'bad-value', 'judgements.code'],
      [{ id, admitted: false, code: 7 }, 'bad-value', 'judgements.code'],
      [{ id, admitted: true, code: 'policy' }, 'bad-value', 'judgements.code'],
      [[id, false], 'bad-type', 'judgements'],
      [{ admitted: true }, 'bad-type', 'judgements.id'],
      [null, 'bad-type', 'judgements'],
    ] as const) {
      expect(await refusalOf(store.judge([other, judgement as Rejudgement]))).toEqual(expected)
    }
    expect(await refusalOf(store.erase([id], 'zz' as 'pruned'))).toEqual(['bad-value', 'reason'])
    expect(await refusalOf(store.erase([1] as never, 'pruned'))).toEqual(['bad-type', 'ids'])
    for (const [put, ...expected] of [
      [{}, 'bad-type', 'blocks.block'],
      [{ ...first, admitted: 1 }, 'bad-type', 'blocks.admitted'],
      [{ ...first, admitted: true, code: 'policy' }, 'bad-value', 'blocks.code'],
      [[first.block, true], 'bad-type', 'blocks'],
      [{ ...first, pinned: 'yes' }, 'bad-type', 'blocks.pinned'],
      [{ ...first, block: { ...first.block, bytes: 'x' } }, 'bad-type', 'blocks.block.bytes'],
      [{ ...first, block: { ...first.block, id: second.block.id } }, 'bad-value', 'blocks.block.id'],
      [{ ...first, block: { ...first.block, bytes: new Uint8Array(99) } }, 'bad-value', 'blocks.block.id'],
    ] as const) {
      expect(await refusalOf(store.put([second, put as never]))).toEqual(expected)
    }
    expect(await sums(store)).toEqual(before)
  })
  check('a copy with other fields is stored as its bytes are', async store => {
    const [first] = (await sampleBlocks()) as [StoredBlock]
    const forged = { ...first.block, time: 7, tags: ['forged'], author: 'did:key:z6Mkforged' } as PutBlock['block']
    expect(await store.put([{ ...first, block: forged }])).toEqual(['added'])
    expect(await store.get(first.block.id)).toEqual(first)
    expect(await store.count({ tags: ['forged'] })).toBe(0)
    expect(idsOf(await collect(store.query({ author: first.block.author })))).toEqual([first.block.id])
  })
}

/** Nobody awaits them, and yet each is done after those before it. */
function inOrder({ expect }: SuiteRunner, check: Check): void {
  check('calls that write are done in the order in which they are made', async store => {
    const [first, second, third, last] = (await sampleBlocks()) as [StoredBlock, StoredBlock, StoredBlock, StoredBlock]
    const [one, two] = idsOf([first, second]) as [string, string]
    const answers = await Promise.all([
      store.put([first]),
      store.erase([one], 'pruned'),
      store.put([{ ...first, pinned: true }, second]),
      store.judge([{ id: two, admitted: false, code: 'policy' }]),
      store.erase([two], 'expired'),
      store.put([second]),
      store.raiseFloor(last.block.time + 1),
      store.put([third]),
      store.dropBelow(last.block.time + 1, 10),
      store.put([{ ...last, pinned: true }]),
    ])
    const puts = [
      ['added'],
      [one],
      ['pruned', 'added'],
      [two],
      [two],
      ['added'],
      undefined,
      ['below-floor'],
      2,
      ['added'],
    ]
    expect(answers).toEqual(puts)
    expect((await collect(store.query({ admittedOnly: false }))).map(({ block }) => block.id)).toEqual(idsOf([last]))
  })
}

/** Blocks are frozen, but nothing freezes bytes. */
function bytesOfOthers({ expect }: SuiteRunner, check: Check): void {
  check('whoever writes into the bytes of a block changes nothing that the store has', async store => {
    const blocks = await sampleBlocks()
    const pristine = blocks.map(({ block }) => block.bytes.slice())
    const copies = blocks.map(stored => ({ ...stored, block: { ...stored.block, bytes: stored.block.bytes.slice() } }))
    const putting = store.put(copies)
    for (const { block } of copies) block.bytes.fill(7)
    await putting
    const ids = idsOf(blocks)
    const readings = {
      get: async () => (await Promise.all(ids.map(id => store.get(id)))).map(stored => stored!.block.bytes),
      getMany: async () => (await store.getMany(ids)).map(stored => stored!.block.bytes),
      page: async () => (await store.page({ admittedOnly: false })).items.map(({ block }) => block.bytes),
      envelopes: async () => (await store.envelopes?.(ids)) ?? pristine.map(bytes => bytes.slice()),
    }
    for (const [name, read] of Object.entries(readings)) {
      const seen = await read()
      for (const bytes of seen) bytes!.fill(bytes!.at(-1)! ^ 1, -1)
      const again = await read()
      const inOrder =
        name === 'page' ? (await store.pageIds({ admittedOnly: false })).items.map(id => ids.indexOf(id)) : ids.keys()
      expect(again).toEqual([...inOrder].map(i => pristine[i]!))
    }
  })
}

/** What a call that not every store has is refused with. */
const whereThere = (call: unknown) => (call ? (['unknown-field', 'foo'] as const) : ([{}] as const))

/** What another thread has been given. */
function transferred(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  structuredClone(copy, { transfer: [copy.buffer] })
  return copy
}

function reads({ expect }: SuiteRunner, check: Check): void {
  check('queries, pages and lists refuse fractions and what is no object by name', async store => {
    await store.put(await sampleBlocks())
    const nothing = null as never
    for (const limit of [1.5, NaN, -Infinity, '3', null]) {
      const options = { limit: limit as number }
      for (const call of [
        () => collect(store.query(options)),
        () => store.page(options),
        () => store.pageIds(options),
        () => store.count(options),
        () => store.terms('tag', options),
        () => collect(store.log(options)),
        () => store.dropBelow(5, limit as number),
      ]) {
        expect(await refusalOf(call())).toEqual(['bad-value', 'limit'])
      }
    }
    for (const [call, ...expected] of [
      [() => store.page(nothing), 'bad-type', 'options'],
      [() => store.pageIds({ signal: 'x' as never }), 'bad-type', 'signal'],
      [() => store.count(nothing), 'bad-type', 'options'],
      [() => store.getMany(nothing), 'bad-type', 'ids'],
      [() => store.has([null] as never), 'bad-type', 'ids'],
      [() => store.get(nothing), 'bad-type', 'id'],
      [() => collect(store.members(nothing)), 'bad-type', 'options'],
      [() => store.raiseFloor(undefined as never), 'bad-value', 'time'],
      [() => store.terms('tag', { limits: 1 } as never), 'unknown-field', 'limits'],
      [() => collect(store.members({ sginal: 1 } as never)), 'unknown-field', 'sginal'],
      [() => store.put([], { foo: 1 } as never), 'unknown-field', 'foo'],
      [async () => store.check && collect(store.check({ foo: 1 } as never)), ...whereThere(store.check)],
      [async () => store.repair && collect(store.repair({ foo: 1 } as never)), ...whereThere(store.repair)],
      [() => collect(store.log({ since: 1 } as never)), 'unknown-field', 'since'],
      [() => store.terms('tag', { after: 5 as never }), 'bad-type', 'after'],
      [() => store.terms('links' as never), 'bad-value', 'index'],
      [() => store.put(nothing), 'bad-type', 'blocks'],
      [() => store.judge(nothing), 'bad-type', 'judgements'],
      [() => store.dropBelow(NaN, 1), 'bad-value', 'floor'],
      [() => store.dropBelow(5, 1, 'all' as 'stubs'), 'bad-value', 'only'],
      [
        async () => store.compact?.({ onProgress: 5 as never }) ?? store.onChange(nothing),
        'bad-type',
        store.compact ? 'onProgress' : 'listener',
      ],
      [async () => store.onChange(nothing), 'bad-type', 'listener'],
    ] as const) {
      expect(await refusalOf(call())).toEqual(expected)
    }
  })
}

function transfers({ expect }: SuiteRunner, check: Check): void {
  check('bytes that were transferred are refused by name, and nothing is stored', async store => {
    const [first, second] = await sampleBlocks()
    const { block } = first!
    const given = { ...first!, block: { ...block, bytes: transferred(block.bytes) } }
    expect(await refusalOf(store.put([second!, given]))).toEqual(['bad-value', 'blocks.block.bytes'])
    const [key, none] = [new Uint8Array([1]), transferred(new Uint8Array([1]))]
    for (const [operation, ...expected] of [
      [{ type: 'put', key, value: none }, 'bad-value', 'value'],
      [{ type: 'put', key: none, value: key }, 'bad-value', 'key'],
      [{ type: 'delete', key: none }, 'bad-value', 'key'],
    ] as const) {
      expect(await refusalOf(store.side.batch([{ type: 'put', key, value: key }, operation]))).toEqual(expected)
    }
    expect([await store.has([block.id, second!.block.id]), await store.side.get(key)]).toEqual([
      [false, false],
      undefined,
    ])
    expect(await store.put([first!])).toEqual(['added'])
  })
  check('bytes that are transferred right after the call are stored as they were', async store => {
    const blocks = await sampleBlocks()
    const given = blocks.map(stored => ({ ...stored, block: { ...stored.block, bytes: stored.block.bytes.slice() } }))
    const putting = given.map(stored => store.put([stored]))
    for (const { block } of given) structuredClone(block.bytes, { transfer: [block.bytes.buffer] })
    expect(await Promise.all(putting)).toEqual(blocks.map(() => ['added']))
    expect(await store.getMany(idsOf(blocks))).toEqual(blocks)
  })
}

function placesAndTerms({ expect }: SuiteRunner, check: Check): void {
  check('a list is no object, and a cursor has a whole place', async store => {
    const nothing = null as never
    const place = await store.position()
    const half = { ...place, seq: '1' as never }
    for (const [call, ...expected] of [
      [() => store.page([] as never), 'bad-type', 'options'],
      [() => store.count([] as never), 'bad-type', 'options'],
      [() => collect(store.query([] as never)), 'bad-type', 'options'],
      [() => collect(store.log([] as never)), 'bad-type', 'options'],
      [() => collect(store.members([] as never)), 'bad-type', 'options'],
      [() => store.terms('tag', [] as never), 'bad-type', 'options'],
      [() => store.put([], [] as never), 'bad-type', 'options'],
      [() => store.noticeCursor([] as never), 'bad-type', 'cursor'],
      [() => store.noticeCursor(nothing), 'bad-type', 'cursor'],
      [() => store.noticeCursor(half), 'bad-type', 'cursor.seq'],
      [() => store.noticeCursor({ ...place, seq: -1 }), 'bad-value', 'cursor.seq'],
      [() => store.noticeCursor({ ...place, seq: 0.5 }), 'bad-value', 'cursor.seq'],
      [() => store.noticeCursor({ ...place, seq: NaN }), 'bad-value', 'cursor.seq'],
      [() => collect(store.log({ after: { ...place, seq: -1 } })), 'bad-value', 'after.seq'],
      [() => collect(store.log({ after: nothing })), 'bad-type', 'after'],
      [() => collect(store.log({ after: {} as LogCursor })), 'bad-type', 'after'],
    ] as const) {
      expect(await refusalOf(call())).toEqual(expected)
    }
  })
  check('terms after one that is longer than any are those after its beginning', async store => {
    await store.put(await sampleBlocks())
    const after = async (term: string) => (await store.terms('tag', { after: term })).map(each => each.term)
    expect(await after(`even${'n'.repeat(5_000)}`)).toEqual(['fifth', 'third'])
    expect(await after('z'.repeat(5_000))).toEqual([])
    expect(await store.count({ tags: ['x'.repeat(5_000)] })).toBe(0)
  })
}

/** Everything that a call could have changed. */
async function sums(store: BlockStore): Promise<unknown> {
  const lists = [await store.terms('author'), await store.terms('tag'), await store.position()]
  return [await store.stats(), await store.count({ tags: ['even'] }), ...lists]
}

async function refusalOf(call: Promise<unknown>): Promise<unknown[]> {
  const error = await call.then(
    () => ({}),
    (failure: unknown) => failure,
  )
  const { code, field } = error as { code?: unknown; field?: unknown }
  return code === undefined ? [error] : [code, field]
}
