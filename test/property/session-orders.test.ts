import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CodedSet, type Collection, INTERESTS, RESUME, SKETCH_EXTENSION } from '../../src/sync/index'
import { initiate } from '../../src/sync/negentropy/negentropy'
import type { Message } from '../../src/sync/session-messages'
import { envelope, helloOf, idOf, Node } from '../unit/sync/session-harness'
import { checkBounds } from './session-worlds'

const TIME = 1_700_000_000_000
const SPAN = { floor: 0, ceiling: 4_102_444_800_000 }
const HELD = Array.from({ length: 40 }, (_, n) => envelope(TIME + n, n))
const OTHERS = Array.from({ length: 40 }, (_, n) => envelope(TIME + n, 100 + n))

const theirs = new CodedSet()
for (const bytes of [...HELD.slice(0, 30), ...OTHERS]) {
  const node = new Node(true)
  node.hold(bytes)
  theirs.insert(node.set.get(0))
}
const cells = theirs.cells()!

const ids = fc.subarray([...HELD.slice(30), ...OTHERS].map(idOf), { minLength: 1, maxLength: 8 })
const collection: fc.Arbitrary<Collection> = fc.constantFrom<Collection>(
  { of: 'everything' },
  { of: 'control' },
  ...['t1', 'odd', 'none'].map(tag => ({ of: 'tag' as const, version: 1, kind: 'embedding', tag })),
)
const one = (message: Message) => fc.constant(message)

/** What a peer may say after its hello, in any order; none is malformed by itself. */
const message: fc.Arbitrary<Message> = fc.oneof(
  ...(['reconciled', 'done', 'audit', 'ping', 'pong', 'stale', 'coarser'] as const).map(type => one({ type })),
  one({ type: 'span', ...SPAN }),
  fc.record({ type: fc.constant('scope' as const), collection, ...consts(SPAN), fetches: fc.boolean() }),
  fc.constantFrom<Message>(
    ...[initiate(theirs, []), initiate(theirs, [10, 20, 40]), Uint8Array.of(0x61), Uint8Array.of(0x61, 0, 0, 1)].map(
      bytes => ({ type: 'reconcile' as const, bytes }),
    ),
  ),
  one({
    type: 'sketch',
    size: theirs.size,
    fingerprint: theirs.fingerprint(0, theirs.size),
    available: cells.count,
    cells: cells.encode(0, 12),
  }),
  one({ type: 'more', count: 20 }),
  fc.integer({ min: 1, max: 20 }).map(count => ({ type: 'cells' as const, cells: cells.encode(12, 12 + count) })),
  ids.map(ids => ({ type: 'want' as const, ids })),
  ids.map(ids => ({ type: 'gone' as const, ids })),
  ids.map(ids => ({ type: 'announce' as const, items: ids.map((id, i) => ({ id, time: TIME + i })) })),
  fc.subarray(OTHERS, { maxLength: 3 }).map(blocks => ({ type: 'blocks' as const, blocks })),
  fc.record({ type: fc.constant('credit' as const), bytes: fc.constantFrom(0, 900), items: fc.constantFrom(0, 2) }),
  fc.integer({ min: 1, max: 60 }).map(n => ({ type: 'floor' as const, time: TIME + n })),
  fc.constantFrom<Message>(
    { type: 'interests', interests: [{}] },
    { type: 'interests', interests: [{ tags: ['t1'] }, { tags: ['odd'] }] },
    { type: 'interests', interests: [] },
  ),
  fc.constantFrom<Message>(
    { type: 'resume', cursor: new Uint8Array(0) },
    { type: 'resume', cursor: new TextEncoder().encode('1/20/no') },
    { type: 'position', cursor: Uint8Array.of(1) },
  ),
)

function consts<T extends object>(values: T) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fc.constant(value)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>
  }
}

type Deed = Message | 'work' | 'heartbeat' | 'stall' | 'audit' | 'turn' | 'want'
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: message },
  { weight: 1, arbitrary: fc.constantFrom<Deed>('work', 'work', 'heartbeat', 'stall', 'audit', 'turn', 'want') },
)

const scene = fc.record({
  initiator: fc.boolean(),
  extensions: fc.subarray([SKETCH_EXTENSION, INTERESTS, RESUME]),
  room: fc.constantFrom(Infinity, 0, 1),
  deeds: fc.array(deed, { minLength: 20, maxLength: 120, size: 'max' }),
})

/** Does it, unless that would end the session: how it would is all that is looked at then. */
function attempt(node: Node, deed: Deed): void {
  const [state, trees] = [structuredClone(node.state), [...node.trees]]
  const [sent, tasks] = [node.outbox.length, [...node.tasks]]
  if (typeof deed === 'object') node.receive(deed)
  else if (deed === 'work') node.work()
  else if (deed === 'audit' || deed === 'turn') node.do({ type: deed })
  else if (deed === 'want')
    node.want(node.interests.length > 1 ? [{ tags: ['t1'] }] : [{ tags: ['t1'] }, { tags: ['t2'] }])
  else node.do({ type: 'timer', name: deed })
  if (!node.closed) return checkBounds(node)
  expect(node.closed.failure?.code).toMatch(/^(protocol|too-large|version|timeout|limit|bad-signature)$/)
  node.closed = undefined
  node.state = state
  node.outbox.length = sent
  node.tasks.splice(0, Infinity, ...tasks)
  node.trees.clear()
  for (const [key, tree] of trees) node.trees.set(key, tree)
}

test('invariant 7: whatever a peer says after its hello, in whatever order and however late answers come, no step throws', () => {
  fc.assert(
    fc.property(scene, ({ initiator, extensions, room, deeds }) => {
      const node = new Node(initiator, extensions)
      node.room = room
      node.interests = [{ tags: ['t1'] }, { kind: 'embedding' }]
      for (const bytes of HELD) node.hold(bytes)
      node.open()
      node.receive(helloOf({ extensions }))
      if (extensions.includes(INTERESTS)) node.receive({ type: 'interests', interests: [{}] })
      for (const deed of deeds) attempt(node, deed)
    }),
    { numRuns: 400 },
  )
})
