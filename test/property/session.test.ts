import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCanonical, unwrap, type CborValue } from '../../src/base/index'
import { initiate, ItemTree, step } from '../../src/sync/index'
import { decodeMessageOf, encodeMessageOf, type Message } from '../../src/sync/session-messages'
import { envelope, helloOf, idOf, Node, openNode } from '../unit/sync/session-harness'
import { checkBounds, happen, scene, setUp } from './session-worlds'

/** Invariants 2 and 3, watched from outside: what one side asks for and what the other answers. */
function watch(asker: Node, server: Node): void {
  const asked = new Set<string>()
  onMessage(server, message => {
    if (message.type !== 'want') return
    for (const id of message.ids) {
      expect(asked.has(id)).toBe(false)
      asked.add(id)
    }
  })
  onMessage(asker, message => {
    const answered = message.type === 'blocks' ? message.blocks.map(idOf) : message.type === 'gone' ? message.ids : []
    for (const id of answered) expect(asked.delete(id)).toBe(true)
  })
}

function onMessage(node: Node, look: (message: Message) => void): void {
  const before = node.onEvent
  node.onEvent = event => {
    before(event)
    if (event.type === 'message') look(unwrap(decodeMessageOf(event.bytes)))
  }
}

describe('two sessions', () => {
  test('converge and come to rest under any interleaving, with blocks published meanwhile (invariants 2 to 6)', () => {
    fc.assert(
      fc.property(scene, scene => {
        const { nodes, random, fresh } = setUp(scene)
        watch(nodes[0], nodes[1])
        watch(nodes[1], nodes[0])
        const live = Array.from({ length: scene.live }, (_, i) => () => {
          if (i % 7 === 6) nodes[i % 2]!.do({ type: 'audit' })
          else nodes[random(2)]!.publish(fresh())
        })
        for (const node of nodes) node.open()
        let steps = 0
        while (happen(nodes, random, live)) {
          expect(++steps).toBeLessThan(20_000)
          for (const node of nodes) checkBounds(node)
        }
        for (const node of nodes) {
          expect(node.closed).toBeUndefined()
          expect(node.status()).toMatchObject({ phase: 'live', faults: 0, need: 0, inFlight: 0, have: 0, wanted: 0 })
          expect(node.progress.some(({ type }) => type === 'synced')).toBe(true)
        }
        expect([...nodes[0].store.keys()].sort()).toEqual([...nodes[1].store.keys()].sort())
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })

  test('what one side cannot give is answered as gone, what the other refuses is not asked for again', () => {
    fc.assert(
      fc.property(scene, scene => {
        const { nodes, random } = setUp(scene)
        const [left, right] = nodes
        const lost = [...left.store.keys()].filter(() => random(5) === 0)
        for (const id of lost) left.store.delete(id)
        const refused = new Set([...left.store.keys()].filter(id => !right.store.has(id) && random(5) === 0))
        right.judge = id => (refused.has(id) ? { status: 'refused', code: 'policy' } : { status: 'stored' })
        for (const node of nodes) node.open()
        while (happen(nodes, random, []));
        left.do({ type: 'audit' })
        while (happen(nodes, random, []));
        expect([left.status().rounds, right.status().rounds]).toEqual([2, 2])
        expect([left.status().phase, right.status().phase]).toEqual(['live', 'live'])
        for (const id of left.store.keys()) expect(right.store.has(id)).toBe(!refused.has(id))
        expect(right.status().received).toBeLessThanOrEqual(left.store.size)
        expect(left.status().faults + right.status().faults).toBe(0)
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })

  test('a step depends on nothing but state and event', () => {
    fc.assert(
      fc.property(scene, scene => {
        const { nodes, random } = setUp({ ...scene, size: 40 })
        for (const node of nodes) {
          node.open()
          node.onEvent = event => {
            if (random(20) !== 0) return
            const [one, other] = [
              step(node.options, structuredClone(node.state), event),
              step(node.options, structuredClone(node.state), event),
            ]
            expect(one).toEqual(other)
          }
        }
        while (happen(nodes, random, []));
      }),
      { numRuns: 5, endOnFailure: true },
    )
  })
})

const id = idOf(envelope(1, 1))
const samples: Message[] = [
  helloOf(),
  { type: 'reconcile', bytes: initiate(new ItemTree()) },
  { type: 'reconciled' },
  { type: 'want', ids: [id] },
  { type: 'blocks', blocks: [envelope(1, 1)] },
  { type: 'gone', ids: [id] },
  { type: 'announce', items: [{ time: 1, id }] },
  { type: 'credit', bytes: 1, items: 1 },
  { type: 'done' },
  { type: 'audit' },
  { type: 'ping' },
  { type: 'pong' },
  { type: 'bye', code: 'closed' },
  { type: 'floor', time: 7 },
  { type: 'span', floor: 7, ceiling: 9 },
]

/** Sessions in every state in which a message can meet them. */
const stages: (() => Node)[] = [
  () => {
    const node = new Node(false)
    node.open()
    return node
  },
  () => openNode(false),
  () => openNode(true),
  () => {
    const node = openNode(false)
    node.receive({ type: 'announce', items: [{ time: 1, id }] })
    return node
  },
]

describe('hostile messages (invariant 7)', () => {
  const mutation = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert'))

  function check(node: Node, bytes: Uint8Array): void {
    node.do({ type: 'message', bytes })
    checkBounds(node)
    if (node.closed?.failure) expect(node.status()).toMatchObject({ phase: 'closed', lastError: node.closed.failure })
  }

  test.each(samples.map(sample => [sample.type, sample] as const))(
    'mutants of %s are dealt with or end the session',
    (_, sample) => {
      const good = encodeMessageOf(sample)
      fc.assert(
        fc.property(
          fc.constantFrom(...stages),
          fc.array(mutation, { minLength: 1, maxLength: 3 }),
          (stage, mutations) => {
            let bytes = [...good]
            for (const [at, value, how] of mutations) {
              const index = at % (bytes.length + 1)
              if (how === 'cut') bytes = bytes.slice(0, index)
              else bytes.splice(index, how === 'set' ? 1 : 0, value)
            }
            check(stage(), Uint8Array.from(bytes))
          },
        ),
        { numRuns: 150, endOnFailure: true },
      )
    },
  )

  test('well-formed messages with any fields, in any order, are dealt with or end the session', () => {
    const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>(tie => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.maxSafeNat(),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.string({ maxLength: 8 }),
        fc.boolean(),
        fc.array(tie('value'), { maxLength: 4 }),
      ),
    })).value
    const message = fc.oneof(
      fc.constantFrom(...samples).map(encodeMessageOf),
      fc
        .tuple(fc.nat(14), fc.array(value, { maxLength: 4 }))
        .map(([type, fields]) => encodeCanonical([type, ...fields])),
    )
    fc.assert(
      fc.property(fc.constantFrom(...stages), fc.array(message, { maxLength: 12 }), (stage, messages) => {
        const node = stage()
        for (const bytes of messages) check(node, bytes)
      }),
      { numRuns: 400, endOnFailure: true },
    )
  })
})
