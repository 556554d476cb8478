import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { SESSION_LIMITS } from '../../../src/sync/index'
import { decodeMessageOf, type Message } from '../../../src/sync/session-messages'
import { seeded } from '../../long/mutate'
import { Node, run } from './session-harness'
import { block, ending, sync } from './session-scenes'
import { EXTENSIONS, playCells, ready, tell } from './sketch-scenes'

/** What travelled, in order, between two nodes. */
function record(nodes: readonly Node[]): Message[] {
  const seen: Message[] = []
  for (const node of nodes)
    node.onEvent = event => {
      if (event.type === 'message') seen.push(unwrap(decodeMessageOf(event.bytes)))
    }
  return seen
}
const count = (seen: readonly Message[], type: Message['type']) => seen.filter(message => message.type === type).length

/** Two nodes with `size` blocks in all, `apart` of which only one of them has, these at scattered places or the last ones. */
function apart(size: number, alone: number, where: 'scattered' | 'recent', extensions = [EXTENSIONS, EXTENSIONS]) {
  const draw = seeded(size + alone)
  const nodes: [Node, Node] = [new Node(true, extensions[0]), new Node(false, extensions[1])]
  const single = new Set<number>()
  while (single.size < alone) single.add(where === 'recent' ? size - 1 - single.size : draw(size))
  for (let n = 0; n < size; n++) {
    const bytes = block(n)
    if (!single.has(n)) for (const node of nodes) node.hold(bytes)
    else nodes[n % 2]!.hold(bytes)
  }
  return { nodes, seen: record(nodes) }
}

function expectSame([left, right]: readonly [Node, Node], size: number): void {
  expect([left.set.size, right.set.size]).toEqual([size, size])
  expect(left.set.fingerprint(0, size)).toEqual(right.set.fingerprint(0, size))
  for (const node of [left, right]) {
    expect(node.closed).toBeUndefined()
    expect(node.status()).toMatchObject({ phase: 'live', rounds: 1, faults: 0 })
    expect([node.state.told, node.state.sketch, node.state.confirmed]).toEqual([undefined, undefined, false])
  }
}

describe('two sides that can', () => {
  test.each([0, 1, 3])('need one question and one answer where %i blocks differ', alone => {
    const { nodes, seen } = apart(2000, alone, 'scattered')
    sync(nodes)
    expectSame(nodes, 2000)
    expect([count(seen, 'sketch'), count(seen, 'reconcile'), count(seen, 'more')]).toEqual([1, 2, 0])
  })

  test('exchange further cells for a larger difference, and far fewer bytes than Negentropy', () => {
    const bytesOf = (extensions: string[][]) => {
      const { nodes, seen } = apart(3000, 300, 'scattered', extensions)
      sync(nodes)
      expectSame(nodes, 3000)
      return { seen, bytes: nodes.reduce((sum, { state }) => sum + state.bytesOut, 0) }
    }
    const [with_, without] = [bytesOf([EXTENSIONS, EXTENSIONS]), bytesOf([[], []])]
    expect(count(with_.seen, 'reconcile')).toBe(2)
    expect(count(with_.seen, 'more')).toBeGreaterThan(0)
    expect(count(with_.seen, 'more')).toBeLessThanOrEqual(SESSION_LIMITS.cellRequests)
    expect(with_.bytes).toBeLessThan(without.bytes / 2)
  })

  test('leave what lies close together, or differs too much, to Negentropy', () => {
    for (const { nodes, seen } of [apart(3000, 400, 'recent'), apart(2000, 1900, 'scattered')]) {
      sync(nodes)
      expectSame(nodes, nodes[0].set.size)
      expect(count(seen, 'sketch')).toBe(1)
      expect(count(seen, 'reconcile')).toBeGreaterThan(2)
    }
  })

  test('tell no sketch of a small set', () => {
    const size = SESSION_LIMITS.sketchFrom - 1
    const { nodes, seen } = apart(size, 2, 'scattered')
    sync(nodes)
    expect(count(seen, 'sketch')).toBe(0)
    expectSame(nodes, size)
  })

  test.each([[[EXTENSIONS, []]], [[[], EXTENSIONS]], [[[], []]]])(
    'one of which does not say so do without: %j',
    extensions => {
      const { nodes, seen } = apart(2000, 2, 'scattered', extensions)
      sync(nodes)
      expectSame(nodes, 2000)
      expect(count(seen, 'sketch')).toBe(0)
    },
  )

  test('blocks that one side cannot give are asked for once, and the audit ends', () => {
    const { nodes } = apart(2000, 4, 'scattered')
    const gone = [...nodes[0].store.keys()].filter(id => !nodes[1].store.has(id))
    for (const id of gone) nodes[0].store.delete(id)
    sync(nodes)
    const told = nodes[1].progress.flatMap(progress => (progress.type === 'gone' ? progress.ids : []))
    expect(told.sort()).toEqual(gone.sort())
    expect(nodes[0].status()).toMatchObject({ phase: 'live', rounds: 1 })
  })

  test('announce all that the initiator lacks before the answer, however little credit there is', () => {
    const responder = ready(2000)
    const { sketch, question } = tell(responder, 300)
    responder.state.creditItems = 10
    responder.receive(sketch)
    responder.receive(question)
    playCells(responder)
    expect(responder.state.confirmed).toBe(true)
    for (let i = 0; i < 28; i++) {
      expect(responder.sent().some(({ type }) => type === 'reconcile')).toBe(false)
      responder.receive({ type: 'credit', bytes: 0, items: 10 })
    }
    responder.receive({ type: 'reconciled' })
    expect(ending(responder)).toMatchObject({ code: 'protocol', field: 'reconciled' })
  })

  test('hold the cells as they were told, whatever comes and goes meanwhile', () => {
    const { nodes } = apart(3000, 200, 'scattered')
    let published = 0
    const before = nodes[0].onEvent
    nodes[0].onEvent = event => {
      before(event)
      if (event.type === 'message' && unwrap(decodeMessageOf(event.bytes)).type === 'more' && published < 5)
        nodes[0].hold(block(10_000 + ++published))
    }
    sync(nodes)
    nodes[0].do({ type: 'audit' })
    run(...nodes)
    expect(published).toBeGreaterThan(0)
    expect([...nodes[0].store.keys()].sort()).toEqual([...nodes[1].store.keys()].sort())
  })
})
