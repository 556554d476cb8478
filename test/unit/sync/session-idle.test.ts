import { describe, expect, test } from 'vitest'
import { INTERESTS, SETTLED } from '../../../src/sync/index'
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
})
