import { describe, expect, test } from 'vitest'
import { INTERESTS, ItemTree, SESSION_LIMITS } from '../../../src/sync/index'
import { encodeMessage, openFrom, type Range } from '../../../src/sync/negentropy/message'
import { initiate, proceed, respond } from '../../../src/sync/negentropy/negentropy'
import type { Message } from '../../../src/sync/session-messages'
import { type Node, openNode, SPAN } from './session-harness'
import { block, ending, T } from './session-scenes'

const NO_ID = new Uint8Array(0)
const EVERYTHING = { time: Infinity, id: NO_ID }
const { stillReconciles, leastReconciles, itemsPerReconcile, reconcilesPerHeartbeat } = SESSION_LIMITS

/** Says nothing up to a time, and of the rest that it differs. */
function differsFrom(time: number): Message {
  const rest: Range = { mode: 'fingerprint', upper: EVERYTHING, fingerprint: new Uint8Array(16) }
  const skip: Range = { mode: 'skip', upper: { time, id: NO_ID } }
  return { type: 'reconcile', bytes: encodeMessage(time > 0 ? [skip, rest] : [rest]) }
}

/** Made-up ids in one list. */
function lists(from: number, count: number): Message {
  const ids = Array.from({ length: count }, (_, i) => new Uint8Array(32).fill(1 + i))
  const list: Range = { mode: 'ids', upper: EVERYTHING, ids }
  return { type: 'reconcile', bytes: encodeMessage([{ mode: 'skip', upper: { time: from, id: NO_ID } }, list]) }
}

/** As many of them as it takes to end the session, and how many those are. */
function saying(node: Node, messageOf: (i: number) => Message, most = 10_000): number {
  let told = 0
  while (!node.closed && told < most) {
    node.receive(messageOf(told++))
    node.outbox.length = 0
    if (node.state.reconciles <= reconcilesPerHeartbeat) node.do({ type: 'timer', name: 'heartbeat' })
    node.state.silent = 0
  }
  return told
}

const holding = (count: number) => (node: Node) => {
  for (let n = 0; n < count; n++) node.hold(block(n))
}

describe.each([
  ['the initiator', true],
  ['the responder', false],
] as const)('messages that bring a comparison to no end close the session: %s', (_, initiator) => {
  test('those that leave all open', () => {
    const node = openNode(initiator, holding(100))
    expect(saying(node, () => differsFrom(0))).toBe(stillReconciles + 1)
    expect(node.closed?.failure).toMatchObject({ code: 'protocol', field: 'reconcile', limit: stillReconciles })
  })

  test('those that move on at last are borne', () => {
    const node = openNode(initiator, holding(100))
    expect(saying(node, i => differsFrom(T + Math.floor(i / stillReconciles)), 100)).toBe(100)
    expect(node.closed).toBeUndefined()
  })

  test('those that take up again what was settled', () => {
    const node = openNode(initiator, holding(100))
    node.receive(differsFrom(T + 5))
    node.receive(differsFrom(T + 4))
    expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', hint: 'takes up again what was settled' })
  })

  test('more than the set can need, however little each leaves settled', () => {
    const most = leastReconciles + Math.floor(100 / itemsPerReconcile)
    const node = openNode(initiator, holding(100))
    expect(saying(node, i => differsFrom(i))).toBe(most + 1)
    expect(node.closed?.failure).toMatchObject({ code: 'protocol', field: 'reconcile', limit: most })
  })
})

test('ids that were lacking allow for more of them', () => {
  const node = openNode(true, holding(100))
  node.receive(lists(1, 4 * itemsPerReconcile))
  expect(node.state.narrowing.found).toBe(4 * itemsPerReconcile)
})

test('ids that were made up, and are gone when they are asked for, do not', () => {
  const node = openNode(true, holding(100))
  node.receive(lists(1, 4 * itemsPerReconcile))
  const asked = node.sent().flatMap(message => (message.type === 'want' ? [...message.ids] : []))
  expect(asked.length).toBeGreaterThan(itemsPerReconcile)
  node.receive({ type: 'gone', ids: asked })
  expect(node.state.narrowing.found).toBe(4 * itemsPerReconcile - asked.length)
})

test('each audit, and each collection of it, is counted anew', () => {
  const audits = openNode(false, holding(100))
  for (let i = 0; i < 3 * stillReconciles; i += stillReconciles) {
    for (let k = 0; k < stillReconciles; k++) audits.receive(differsFrom(0))
    audits.receive({ type: 'reconciled' })
    audits.receive({ type: 'done' })
    audits.receive(SPAN)
  }
  expect(audits.closed).toBeUndefined()
  const node = openNode(false, holding(100))
  node.state.extensions = new Set([INTERESTS])
  for (const tag of ['t0', 't1', 't2']) {
    const collection = { of: 'tag', version: 1, kind: 'embedding', tag } as const
    node.receive({
      type: 'scope',
      collection,
      floor: 0,
      ceiling: SPAN.type === 'span' ? SPAN.ceiling : 0,
      fetches: true,
    })
    node.work()
    for (let k = 0; k < stillReconciles; k++) node.receive(differsFrom(0))
    node.do({ type: 'timer', name: 'heartbeat' })
  }
  expect(node.closed).toBeUndefined()
})

describe('a comparison that tells the truth stays far below', () => {
  const digest = (n: number) => {
    const bytes = new Uint8Array(32)
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < 8; i++) view.setUint32(i * 4, Math.imul(n + i + 1, 0x9e3779b1) >>> 0)
    return bytes
  }
  const setOf = (count: number, from: number, timeOf: (n: number) => number) => {
    const set = new ItemTree()
    for (let n = from; n < from + count; n++) set.insert({ time: timeOf(n), id: digest(n) })
    return set
  }
  const spread = (n: number) => (n * 7919) % 50_021

  test.each([
    ['all differs', setOf(20_000, 0, spread), setOf(20_000, 1e6, spread)],
    ['all of one instant', setOf(10_000, 0, () => 5), setOf(10_000, 1e6, () => 5)],
    ['few here', setOf(40, 0, spread), setOf(40_000, 1e6, spread)],
    ['few there', setOf(40_000, 0, spread), setOf(40, 1e6, spread)],
    ['one between two of the other', setOf(10_000, 0, () => 20_000), setOf(10_000, 1e6, spread)],
  ])('%s', (_, ours, theirs) => {
    const sides = [0, 1].map(() => ({ at: '', still: 0, most: 0 }))
    const note = (side: number, message: Uint8Array) => {
      const one = sides[side]!
      const at = String(Object.values(openFrom(message)!))
      one.still = at === one.at ? one.still + 1 : 1
      one.at = at
      one.most = Math.max(one.most, one.still)
    }
    let messages = 0
    for (let message: Uint8Array | undefined = initiate(ours, []); message; messages++) {
      note(0, message)
      const answer = respond(theirs, message)
      if (!answer.ok) throw new Error(answer.error.code)
      note(1, answer.value)
      const step = proceed(ours, answer.value)
      if (!step.ok) throw new Error(step.error.code)
      message = step.value.reply
    }
    expect(Math.max(...sides.map(({ most }) => most))).toBeLessThan(stillReconciles / 4)
    expect(messages).toBeLessThan((ours.size + theirs.size) / itemsPerReconcile / 4)
  })
})
