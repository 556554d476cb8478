import { describe, expect, test } from 'vitest'
import { SetSpan, ItemTree } from '../../../src/sync/index'
import { helloOf, idOf, Node, openNode, run, SPAN } from './session-harness'
import { block, ending, pair, sync, T } from './session-scenes'

const announced = (node: Node) =>
  node.sent().flatMap(message => (message.type === 'announce' ? message.items.map(({ id }) => id) : []))
const span = (node: Node) => node.sent().find(({ type }) => type === 'span')

describe('a part of the set', () => {
  const set = new ItemTree()
  for (let n = 0; n < 600; n++) set.insert({ time: n >> 1, id: new Uint8Array(32).fill(n & 255) })

  test.each([
    [0, 299, 600],
    [10, 19, 20],
    [10, 10, 2],
    [300, 400, 0],
    [250, 1000, 100],
  ])('from %i to %i has %i members, and is a set of its own', (floor, ceiling, size) => {
    const part = new SetSpan(set, { floor, ceiling })
    const alone = new ItemTree()
    for (let i = 0; i < part.size; i++) alone.insert(part.get(i))
    expect([part.size, alone.size]).toEqual([size, size])
    expect(part.fingerprint(0, size)).toEqual(alone.fingerprint(0, size))
    for (const time of [0, 9, 10, 15, 20, 299, Infinity]) {
      const bound = { time, id: new Uint8Array(0) }
      expect(part.lowerBound(bound)).toBe(alone.lowerBound(bound))
    }
  })

  test('refuses what is outside of it', () => {
    const part = new SetSpan(set, { floor: 10, ceiling: 19 })
    expect(() => part.get(20)).toThrow(RangeError)
    expect(() => part.get(-1)).toThrow(RangeError)
    expect(() => part.fingerprint(0, 21)).toThrow(RangeError)
    expect(new SetSpan(set, { floor: 10, ceiling: 5 }).size).toBe(0)
  })
})

describe('floors and ceilings', () => {
  test('an audit leaves alone what lies below the higher floor or above the lower ceiling', () => {
    const nodes = pair(
      [1, 2, 3, 4].map(n => block(n)),
      [5, 6, 7, 8].map(n => block(n)),
    )
    nodes[0].bounds = { floor: T + 3, ceiling: T + 100 }
    nodes[1].bounds = { floor: T, ceiling: T + 7 }
    sync(nodes)
    expect(nodes.map(node => node.store.size)).toEqual([4 + 3, 4 + 2])
    expect(nodes.every(node => node.status().phase === 'live')).toBe(true)
  })

  test('a ceiling moves with the clock, and the peer’s with it', () => {
    const node = new Node(true)
    node.bounds = { floor: 0, ceiling: 1000 }
    node.open()
    node.receive(helloOf({ floor: 5, ceiling: 900 }))
    expect(span(node)).toEqual({ type: 'span', floor: 5, ceiling: 900 })
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    node.receive({ type: 'done' })
    node.bounds = { floor: 7, ceiling: 5000 }
    node.do({ type: 'audit' })
    expect(span(node)).toEqual({ type: 'span', floor: 7, ceiling: 4900 })
  })

  test('a clock that is set back, as of one that was a day ahead, is nearer to the peer’s from then on', () => {
    const node = new Node(true)
    node.bounds = { floor: 0, ceiling: 90_000 }
    node.open()
    node.receive(helloOf({ ceiling: 10_000 }))
    expect(span(node)).toMatchObject({ ceiling: 10_000 })
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    node.receive({ type: 'done' })
    node.bounds = { floor: 0, ceiling: 30_000 }
    node.do({ type: 'timer', name: 'heartbeat' })
    node.bounds = { floor: 0, ceiling: 31_000 }
    node.do({ type: 'audit' })
    expect(span(node)).toMatchObject({ ceiling: 11_000 })
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    node.receive({ type: 'done' })
    node.bounds = { floor: 0, ceiling: 1000 }
    node.do({ type: 'audit' })
    expect(span(node)).toMatchObject({ ceiling: 1000 })
  })

  test('of two that share no time nothing is compared', () => {
    const nodes = pair([block(1)], [block(9)])
    nodes[0].bounds = { floor: T, ceiling: T + 5 }
    nodes[1].bounds = { floor: T + 8, ceiling: T + 20 }
    sync(nodes)
    expect(nodes.map(node => node.store.size)).toEqual([1, 1])
    expect(nodes[0].status()).toMatchObject({ phase: 'live', rounds: 1, faults: 0 })
  })

  test('nothing below the peer’s floor is announced, from its hello on and after it has risen', () => {
    const node = new Node(false)
    node.open()
    node.receive(helloOf({ floor: T + 2 }))
    node.publish(block(1))
    node.publish(block(2))
    expect(announced(node)).toEqual([idOf(block(2))])
    node.receive({ type: 'floor', time: T + 4 })
    node.publish(block(3))
    node.publish(block(4))
    expect(announced(node)).toEqual([idOf(block(4))])
  })

  test('what waits to be announced is let go when the peer’s floor rises above it', () => {
    const node = openNode()
    node.state.creditItems = 0
    node.publish(block(1))
    node.publish(block(5))
    node.receive({ type: 'floor', time: T + 3 })
    expect([...node.state.have.keys()]).toEqual([idOf(block(5))])
  })

  test('what is announced below the own floor is not asked for, and its credit goes back', () => {
    const node = openNode()
    node.bounds = { floor: T + 3, ceiling: T + 100 }
    node.receive({ type: 'announce', items: [1, 2].map(n => ({ time: T + n, id: idOf(block(n)) })) })
    expect(node.sent().filter(({ type }) => type === 'want')).toEqual([])
    expect(node.state.owedItems).toBe(2)
  })

  test('a risen floor is told once, also when it rose before the peer’s hello', () => {
    const node = new Node(false)
    node.open()
    node.bounds = { ...node.bounds, floor: 50 }
    node.do({ type: 'floor' })
    node.receive(helloOf())
    node.do({ type: 'floor' })
    expect(node.sent().filter(({ type }) => type === 'floor')).toEqual([{ type: 'floor', time: 50 }])
  })

  test('a fetched block that is put off for want of room may be asked for again by the next audit', () => {
    const nodes = pair([], [block(1), block(2)])
    let full = true
    nodes[0].judge = id => {
      if (id === idOf(block(1))) return { status: 'refused', code: 'policy' }
      return full ? { status: 'deferred', code: 'limit', wait: 1 } : { status: 'stored' }
    }
    sync(nodes)
    expect([...nodes[0].store.keys()]).toEqual([])
    full = false
    nodes[0].do({ type: 'timer', name: 'heartbeat' })
    nodes[0].do({ type: 'timer', name: 'heartbeat' })
    nodes[0].do({ type: 'audit' })
    run(...nodes)
    expect([...nodes[0].store.keys()]).toEqual([idOf(block(2))])
    expect(nodes[0].status().faults).toBe(0)
  })

  test('a pruned block stays in the set, is answered as gone, and is not asked for again', () => {
    const nodes = pair([block(1)], [block(2)])
    nodes[0].store.delete(idOf(block(1)))
    sync(nodes)
    expect(nodes[1].progress).toContainEqual({ type: 'gone', ids: [idOf(block(1))] })
    nodes[0].do({ type: 'audit' })
    run(...nodes)
    expect(nodes[1].progress.filter(({ type }) => type === 'gone')).toHaveLength(1)
    expect(nodes[0].status().phase).toBe('live')
  })
})

describe('faults', () => {
  test.each([
    ['a floor that falls', openNode(), { type: 'floor', time: 0 }, 'floor'],
    ['a span from the answering side', openNode(true), SPAN, 'span'],
    ['a second span for one audit', openNode(), SPAN, 'span'],
  ] as const)('%s ends the session', (_, node, message, field) => {
    node.receive(message)
    expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', field })
  })

  test('an audit without a span ends the session', () => {
    const node = new Node(false)
    node.open()
    node.receive(helloOf())
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    expect(ending(node)).toMatchObject({ code: 'protocol', field: 'reconcile' })
  })
})
