import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../src/adapters/storage/lmdb'
import { CosmicError } from '../../src/base/index'
import { type BlockStore, memoryStorage, openBlockStore, type StoredBlock } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'
import { storedBlock } from '../tools/stored-block'

/**
 * Whatever a store is called with, (1) each call answers or fails with a `CosmicError` that has a code; (2) the store is
 * whole afterwards: `check` finds nothing, and the blocks that were there and not asked away are.
 */

const root = await mkdtemp(join(tmpdir(), 'cosmic-calls.'))
afterAll(() => rm(root, { recursive: true, force: true }))

let blocks: StoredBlock[] = []
beforeAll(async () => {
  blocks = await Promise.all(
    Array.from({ length: 6 }, (_, i) => storedBlock({ text: `${i}`, time: 10 + i, tags: ['t'] })),
  )
})

/** Listed by hand: whoever adds a method is told by the test below. */
const METHODS = [
  ...[
    'put',
    'judge',
    'get',
    'getMany',
    'envelopes',
    'has',
    'query',
    'page',
    'pageIds',
    'count',
    'terms',
    'log',
    'position',
  ],
  ...[
    'renewEpoch',
    'noticeCursor',
    'members',
    'erase',
    'raiseFloor',
    'dropBelow',
    'stats',
    'check',
    'repair',
    'compact',
  ],
  ...['needsCompaction', 'onChange', 'side.get', 'side.getMany', 'side.batch', 'side.range'],
] as const

const FIELDS = [
  ...[
    'limit',
    'after',
    'signal',
    'cursor',
    'since',
    'until',
    'tags',
    'kind',
    'author',
    'linksTo',
    'relation',
    'reverse',
  ],
  ...[
    'id',
    'admitted',
    'code',
    'block',
    'pinned',
    'bytes',
    'epoch',
    'seq',
    'chain',
    'type',
    'key',
    'value',
    'gte',
    'lt',
  ],
  ...['admittedOnly', 'about', 'supersedes', 'model', 'budgetMs', 'onProgress'],
]
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    '',
    'tag',
    'stubs',
    'expired',
    'put',
    'delete',
    NaN,
    Infinity,
    -1,
    1.5,
    2 ** 48,
  ),
  fc.integer({ min: -2, max: 20 }),
  fc.string({ maxLength: 12 }),
  fc.constant('x'.repeat(2_000)),
  fc.uint8Array({ maxLength: 4 }),
  fc.constant(new Uint8Array(1_500)),
  fc.constant(AbortSignal.abort()),
  fc.constant(() => true),
  fc.nat(5).map(i => blocks[i]?.block.id),
  fc.nat(5).map(i => blocks[i]),
  fc.nat(5).map(i => ({ ...blocks[i], block: { ...blocks[i]?.block, id: blocks[(i + 1) % 6]?.block.id } })),
)
const object = fc.dictionary(fc.constantFrom(...FIELDS), scalar, { maxKeys: 4 })
const argument = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 2, arbitrary: object },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, object), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.anything({ maxDepth: 2 }) },
)
const call = fc.record({ method: fc.constantFrom(...METHODS), args: fc.array(argument, { maxLength: 3 }) })

type Call = (...args: readonly unknown[]) => unknown

/** The failure of a call that is not one of ours. */
async function attack(store: BlockStore, method: string, args: readonly unknown[]): Promise<unknown> {
  const [owner, name] = method.startsWith('side.') ? [store.side, method.slice(5)] : [store, method]
  try {
    const answer = (owner as unknown as Record<string, Call>)[name]!(...args)
    if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
      await collect(answer as AsyncIterable<unknown>)
    else await answer
    return undefined
  } catch (error) {
    return error instanceof CosmicError && error.code !== 'storage' ? undefined : error
  }
}

let count = 0
const opened = {
  memory: async () => memoryStorage(),
  lmdb: () => lmdbStorage(join(root, `store.${++count}`)),
}

test.each(Object.entries(opened))(
  'any call of a store in %s answers or is refused by name',
  async (name, open) => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 20, maxLength: 60 }), async calls => {
        const damages: CosmicError[] = []
        const store = await openBlockStore(await open(), { onDamage: error => damages.push(error) })
        await store.put(blocks)
        for (const { method, args } of calls) {
          const failure = await attack(store, method, args)
          if (failure !== undefined) throw new Error(`${method}(${fc.stringify(args)})`, { cause: failure })
        }
        const findings = (await collect(store.check!())).flatMap(({ finding }) => finding ?? [])
        expect([findings, damages]).toEqual([[], []])
        await store.close()
      }),
      { numRuns: name === 'memory' ? 60 : 12 },
    )
  },
  60_000,
)

test('every method is attacked', async () => {
  const store = await openBlockStore(memoryStorage())
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(store)).filter(
    each => !['constructor', 'open'].includes(each),
  )
  expect(own.filter(each => !METHODS.includes(each as never))).toEqual(['close'])
  await store.close()
})
