import fc from 'fast-check'
import { CosmicError } from '../../src/base/index'
import type { BlockStore, StoredBlock } from '../../src/store/index'
import { collect } from '../../src/testing/suite-tools'
import { storedBlock } from './stored-block'

/** What is in a store that is attacked. */
export const attackedBlocks: readonly StoredBlock[] = await Promise.all(
  Array.from({ length: 6 }, (_, i) => storedBlock({ text: `${i}`, time: 10 + i, tags: ['t'] })),
)

/** Listed by hand: whoever adds a method is told by the property test. */
export const METHODS = [
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
    'pageMembers',
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
  ...['foo', 'admittedOnly', 'about', 'supersedes', 'model', 'budgetMs', 'onProgress'],
]
const transferred = new Uint8Array(4)
structuredClone(transferred, { transfer: [transferred.buffer] })
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
  fc.constant(transferred),
  fc.constant(AbortSignal.abort()),
  fc.constant(() => true),
  fc.nat(5).map(i => attackedBlocks[i]!.block.id),
  fc.nat(5).map(i => attackedBlocks[i]),
  fc.nat(5).map(i => ({ ...attackedBlocks[i], block: { ...attackedBlocks[i]!.block, bytes: transferred } })),
  fc.nat(5).map(i => ({
    ...attackedBlocks[i],
    block: { ...attackedBlocks[i]!.block, id: attackedBlocks[(i + 1) % 6]!.block.id },
  })),
)
const object = fc.dictionary(fc.constantFrom(...FIELDS), scalar, { maxKeys: 4 })
const argument = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 2, arbitrary: object },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, object), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.anything({ maxDepth: 2 }) },
)
export const storeCall = fc.record({ method: fc.constantFrom(...METHODS), args: fc.array(argument, { maxLength: 3 }) })

type Call = (...args: readonly unknown[]) => unknown

/** The failure of a call that is no refusal by name. */
export async function attack(store: BlockStore, method: string, args: readonly unknown[]): Promise<unknown> {
  const [owner, name] = method.startsWith('side.') ? [store.side, method.slice(5)] : [store, method]
  try {
    const answer = (owner as unknown as Record<string, Call | undefined>)[name]?.(...args)
    if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
      await collect(answer as AsyncIterable<unknown>)
    else await answer
    return undefined
  } catch (error) {
    return error instanceof CosmicError && error.code !== 'storage' ? undefined : error
  }
}
