import { describe, expect, test } from 'vitest'
import { INTERESTS, SESSION_LIMITS, SETTLED } from '../../../src/sync/index'
import { Node, openNode, run } from './session-harness'
import { block, ending, ids, pair, sync } from './session-scenes'

describe('a session is live', () => {
  test('once the peer has asked for all that was announced, and stored it', () => {
    const nodes = [new Node(true, [SETTLED]), new Node(false, [SETTLED])] as const
    nodes.forEach(node => node.open())
    run(...nodes)
    const [a, b] = nodes
    a.publish(block(1))
    for (const type of ['announce', 'ping', 'want', 'pong', 'blocks'] as const) {
      const from = type === 'want' || type === 'pong' ? b : a
      const to = from === a ? b : a
      for (const message of from.sent()) to.receive(message)
      a.work()
      expect([type, a.status().phase]).toEqual([type, 'transferring'])
    }
    run(...nodes)
    expect(nodes.map(node => node.status().phase)).toEqual(['live', 'live'])
  })

  test('once it was asked for, with a peer of an earlier version, which does not tell more', () => {
    const nodes = pair([], [])
    sync(nodes)
    nodes[0].publish(block(1))
    run(...nodes)
    expect(nodes.map(node => node.status().phase)).toEqual(['live', 'live'])
  })

  test('not while what it has come to want is not compared, whichever side came to want it', () => {
    for (const side of [0, 1]) {
      const nodes = [new Node(true, [INTERESTS]), new Node(false, [INTERESTS])] as const
      nodes.forEach(node => {
        node.interests = [{ tags: ['t1'] }]
        node.open()
      })
      run(...nodes)
      expect(nodes.map(node => node.status().phase)).toEqual(['live', 'live'])
      nodes[side]!.want([{}])
      expect(nodes[side]!.status().phase).not.toBe('live')
      run(...nodes)
      expect(nodes.map(node => node.status().phase)).toEqual(['live', 'live'])
    }
  })

  test('not while an audit is owed', () => {
    const nodes = pair([], [])
    sync(nodes)
    nodes[1].do({ type: 'audit' })
    expect(nodes[1].status().phase).toBe('transferring')
  })
})

describe('credit', () => {
  test('that gives nothing is a fault', () => {
    const node = openNode()
    node.receive({ type: 'credit', bytes: 0, items: 0 })
    expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', field: 'credit' })
  })

  test('that nothing waits for is no progress: who announces what it does not send shows as stalled, and is given up', () => {
    const node = openNode()
    node.receive({ type: 'announce', items: [{ time: 1, id: ids(1)[0]! }] })
    for (let i = 0; i < 4; i++) {
      node.receive({ type: 'credit', bytes: 1, items: 1 })
      node.stall()
      if (i < 3) expect(node.status().stalled).toBe('peer-silent')
    }
    expect(node.closed?.failure).toMatchObject({ code: 'timeout', field: 'stalled' })
  })

  test('that does not suffice for a block is no progress', () => {
    const node = openNode(false, node => Array.from({ length: 20 }, (_, n) => node.hold(block(n, 250_000))))
    node.receive({ type: 'want', ids: [...node.store.keys()] })
    while (node.tasks.length > 0) node.work()
    for (let i = 0; i < 8; i++) {
      for (let quarter = 0; quarter < SESSION_LIMITS.stallQuarters - 1; quarter++)
        node.do({ type: 'timer', name: 'stall' })
      node.receive({ type: 'credit', bytes: 1, items: 0 })
    }
    expect(node.status().stalled).toBe('no-credit')
  })
})

test('an answer that nothing is there, and a change of interests, are no progress', () => {
  const node = openNode()
  for (let i = 0; i < 20 && !node.closed; i++) {
    const [id] = ids(1, i)
    node.receive({ type: 'announce', items: [{ time: 1, id: id! }] })
    for (let quarter = 0; quarter < SESSION_LIMITS.stallQuarters - 1; quarter++)
      node.do({ type: 'timer', name: 'stall' })
    node.receive({ type: 'gone', ids: [id!] })
  }
  expect(node.closed?.failure).toMatchObject({ code: 'timeout', field: 'stalled' })
})
