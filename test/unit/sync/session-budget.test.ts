import { describe, expect, test } from 'vitest'
import { SESSION_LIMITS, SortedSet } from '../../../src/sync/index'
import { encodeMessage } from '../../../src/sync/negentropy/message'
import { helloOf, Node, openNode, SPAN } from './session-harness'
import { block, ending } from './session-scenes'

const EVERYTHING = { time: Infinity, id: new Uint8Array(0) }
/** Twenty bytes that make the other side read its whole set. */
const question = {
  type: 'reconcile',
  bytes: encodeMessage([{ mode: 'fingerprint', upper: EVERYTHING, fingerprint: new Uint8Array(16) }]),
} as const
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
      node.receive(question)
      answered += reconciles(node)
    }
    expect(answered).toBe(SESSION_LIMITS.reconciles)
    node.receive(question)
    expect(reconciles(node)).toBe(0)
    heartbeat(node)
    expect(reconciles(node)).toBe(1)
    for (let i = 1; i < SESSION_LIMITS.reconcilesPerHeartbeat; i++) node.receive(question)
    expect(reconciles(node)).toBe(SESSION_LIMITS.reconcilesPerHeartbeat - 1)
    node.receive(question)
    expect(reconciles(node)).toBe(0)
    expect(node.closed).toBeUndefined()
  })

  test('a flood that waits for no answer ends the session', () => {
    const node = openNode(false, holding(3))
    for (let i = 0; i < SESSION_LIMITS.reconciles + 2; i++) node.receive(question)
    expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', field: 'reconcile' })
  })

  test('an audit does not end while a message of it waits', () => {
    const node = openNode(false, holding(3))
    for (let i = 0; i <= SESSION_LIMITS.reconciles; i++) node.receive(question)
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
    for (let i = 0; i < SESSION_LIMITS.stalls; i++) node.do({ type: 'timer', name: 'stall' })
    expect(ending(node)).toMatchObject({ bye: 'timeout', code: 'timeout', hint: 'peer-silent' })
  })
})

describe('the initiator', () => {
  test('takes as many answers as the budget allows, then some with each heartbeat', () => {
    const node = openNode(true, holding(3))
    let asked = 1
    while (asked > 0) {
      node.receive(answer)
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

describe('SortedSet', () => {
  /** A set whose items count how often their ids are read. */
  function counting(count: number) {
    const reads = { count: 0 }
    const set = new SortedSet()
    for (let n = 0; n < count; n++) {
      const bytes = digest(n)
      const item = {
        time: n,
        get id() {
          reads.count++
          return bytes
        },
      }
      set.insert(item)
    }
    reads.count = 0
    return { set, reads }
  }

  test('a fingerprint reads few items, wherever its range lies', () => {
    const { set, reads } = counting(10_000)
    for (const [from, to] of [
      [0, 10_000],
      [1, 9_999],
      [4_000, 4_001],
      [255, 7_700],
    ] as const) {
      reads.count = 0
      set.fingerprint(from, to)
      expect(reads.count).toBeLessThanOrEqual(Math.min(512, to - from))
    }
  })
})

function digest(n: number): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}
