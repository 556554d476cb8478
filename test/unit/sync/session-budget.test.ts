import { describe, expect, test, vi } from 'vitest'
import { SESSION_LIMITS, ItemTree } from '../../../src/sync/index'
import { IdSum } from '../../../src/sync/negentropy/fingerprint'
import { encodeMessage } from '../../../src/sync/negentropy/message'
import { helloOf, Node, openNode, SPAN } from './session-harness'
import { block, ending } from './session-scenes'

const EVERYTHING = { time: Infinity, id: new Uint8Array(0) }
let told = 0
/** Some twenty bytes that make the other side read all of its set from a time on that is later each time. */
const question = () =>
  ({
    type: 'reconcile',
    bytes: encodeMessage([
      { mode: 'skip', upper: { time: ++told, id: new Uint8Array(0) } },
      { mode: 'fingerprint', upper: EVERYTHING, fingerprint: new Uint8Array(16) },
    ]),
  }) as const
/** Finds nothing and asks for another round. */
const answer = question
const EQUAL = { type: 'reconcile', bytes: Uint8Array.of(0x61) } as const

const holding = (count: number) => (node: Node) => {
  for (let n = 0; n < count; n++) node.hold(block(n))
}
const reconciles = (node: Node) => node.sent().filter(({ type }) => type === 'reconcile').length
const heartbeat = (node: Node) => node.do({ type: 'timer', name: 'heartbeat' })

describe('the responder', () => {
  test('answers as many messages as the budget allows, then some with each heartbeat', () => {
    const node = openNode(false, holding(3))
    let answered = 0
    for (let i = 0; i < SESSION_LIMITS.reconciles; i++) {
      node.receive(question())
      answered += reconciles(node)
    }
    expect(answered).toBe(SESSION_LIMITS.reconciles)
    node.receive(question())
    expect(reconciles(node)).toBe(0)
    heartbeat(node)
    expect(reconciles(node)).toBe(1)
    for (let i = 1; i < SESSION_LIMITS.reconcilesPerHeartbeat; i++) node.receive(question())
    expect(reconciles(node)).toBe(SESSION_LIMITS.reconcilesPerHeartbeat - 1)
    node.receive(question())
    expect(reconciles(node)).toBe(0)
    expect(node.closed).toBeUndefined()
  })

  test('a flood that waits for no answer ends the session', () => {
    const node = openNode(false, holding(3))
    for (let i = 0; i < SESSION_LIMITS.reconciles + 2; i++) node.receive(question())
    expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', field: 'reconcile' })
  })

  test('an audit does not end while a message of it waits', () => {
    const node = openNode(false, holding(3))
    for (let i = 0; i <= SESSION_LIMITS.reconciles; i++) node.receive(question())
    node.receive({ type: 'reconciled' })
    expect(ending(node)).toMatchObject({ code: 'protocol', field: 'reconciled' })
  })

  test('audits without end are held back in the same way', () => {
    const node = openNode()
    const audit = () => {
      node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
      node.receive({ type: 'reconciled' })
      node.receive({ type: 'done' })
      node.receive(SPAN)
    }
    for (let i = 0; i < SESSION_LIMITS.reconciles; i++) audit()
    expect(node.status().rounds).toBe(SESSION_LIMITS.reconciles)
    node.receive(EQUAL)
    node.sent()
    heartbeat(node)
    expect(reconciles(node)).toBe(1)
  })

  test('a dialling side that never begins to reconcile is given up', () => {
    const node = openNode()
    expect(node.status().phase).toBe('greeting')
    node.stall(SESSION_LIMITS.stalls)
    expect(ending(node)).toMatchObject({ bye: 'timeout', code: 'timeout', hint: 'peer-silent' })
  })
})

describe('the initiator', () => {
  test('takes as many answers as the budget allows, then some with each heartbeat', () => {
    const node = openNode(true, holding(3))
    let asked = 1
    while (asked > 0) {
      node.receive(answer())
      const sent = reconciles(node)
      if (sent === 0) break
      asked += sent
    }
    expect(asked).toBe(SESSION_LIMITS.reconciles)
    heartbeat(node)
    expect(reconciles(node)).toBe(1)
    expect(node.closed).toBeUndefined()
  })

  test('audits that the peer asks for without end wait for heartbeats', () => {
    const node = openNode(true)
    for (let i = 0; i < 2 * SESSION_LIMITS.reconciles && node.state.awaitingAnswer; i++) {
      node.receive(EQUAL)
      node.receive({ type: 'audit' })
      node.receive({ type: 'done' })
    }
    // Each audit costs two: its first message and its last answer.
    expect(node.status().rounds).toBe(SESSION_LIMITS.reconciles / 2)
    node.sent()
    heartbeat(node)
    expect(reconciles(node)).toBe(1)
  })

  test('an answer that makes it look at many items costs more', () => {
    const { looksPerReconcile, reconciles } = SESSION_LIMITS
    const node = openNode(true, holding(2 * looksPerReconcile))
    node.receive({ type: 'reconcile', bytes: encodeMessage([{ mode: 'ids', upper: EVERYTHING, ids: [digest(9)] }]) })
    expect(node.state.reconciles).toBe(reconciles - 4)
  })
})

test('a peer that allows more announcements than this side queues gets no more than those at once', () => {
  const node = new Node(false)
  node.open()
  node.receive(helloOf({ items: SESSION_LIMITS.maxItems }))
  expect(node.state.creditItems).toBe(SESSION_LIMITS.have)
})

describe('ItemTree', () => {
  /** Additions of ids and of sums, which are nearly all that a fingerprint costs. */
  function additions(work: () => void): number {
    const add = vi.spyOn(IdSum.prototype, 'add')
    work()
    const { length } = add.mock.calls
    add.mockRestore()
    return length
  }

  test.each([
    ['in order', (n: number) => n],
    ['shuffled', (n: number) => (n * 7919) % 40_000],
  ])('a fingerprint adds up little, wherever its range lies: %s', (_, timeOf) => {
    const set = new ItemTree()
    for (let n = 0; n < 40_000; n++) set.insert({ time: timeOf(n), id: digest(n) })
    // Three levels of inner nodes hold 32 · 32 · 32 leaves.
    const most = 2 * (64 + 3 * 32) + 1
    for (const [from, to] of [
      [0, 40_000],
      [1, 39_999],
      [4_000, 4_001],
      [255, 31_700],
      [20_000, 20_000],
    ] as const) {
      expect(additions(() => set.fingerprint(from, to))).toBeLessThanOrEqual(most)
    }
  })

  test('deleting all but every hundredth item leaves few nodes to add up', () => {
    const set = new ItemTree()
    for (let n = 0; n < 40_000; n++) set.insert({ time: n, id: digest(n) })
    for (let n = 0; n < 40_000; n++) if (n % 100 !== 0) set.delete({ time: n, id: digest(n) })
    expect(set.size).toBe(400)
    expect(additions(() => set.fingerprint(1, 399))).toBeLessThanOrEqual(2 * (64 + 32) + 1)
  })
})

function digest(n: number): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}
