import { describe, expect, test } from 'vitest'
import { SESSION_LIMITS } from '../../../src/sync/index'
import type { Message } from '../../../src/sync/session-messages'
import { envelope, helloOf, idOf, Node, run } from './session-harness'
import { announce, block, ending, ids, itemOf } from './session-scenes'

const CURSOR = Uint8Array.of(1, 2, 3)
const types = (node: Node) => node.sent().map(({ type }) => type)
const beat = (node: Node) => node.do({ type: 'timer', name: 'heartbeat' })

/** A session of a node that goes on from logs, against a peer that the test plays by hand. */
function open(initiator: boolean, { remembered, auditIn, extensions = ['resume'] }: Partial<Setting> = {}): Node {
  const node = new Node(initiator, ['resume'])
  node.remembered = remembered
  node.open(auditIn)
  node.sent()
  node.receive(helloOf({ extensions }))
  return node
}

interface Setting {
  readonly remembered: Uint8Array
  readonly auditIn: number
  readonly extensions: readonly string[]
}

describe('the beginning', () => {
  test('strangers say that they remember nothing, and the dialling side audits at once', () => {
    expect(types(open(true))).toEqual(['resume', 'span', 'reconcile'])
    expect(open(false).sent()).toEqual([{ type: 'resume', cursor: new Uint8Array(0) }])
  })

  test('who remembers the peer presents its cursor, and waits', () => {
    for (const initiator of [true, false])
      expect(open(initiator, { remembered: CURSOR }).sent()).toEqual([{ type: 'resume', cursor: CURSOR }])
  })

  test('a peer that does not know of it is audited as ever', () => {
    expect(types(open(true, { remembered: CURSOR, extensions: ['other'] }))).toEqual(['span', 'reconcile'])
  })

  test('an audit that is due is not put off', () => {
    expect(types(open(true, { remembered: CURSOR, auditIn: 0 }))).toEqual(['resume', 'span', 'reconcile'])
  })

  test('a cursor of another log, or none, leads to one audit', () => {
    for (const message of [{ type: 'stale' }, { type: 'resume', cursor: new Uint8Array(0) }] as const) {
      const node = open(true, { remembered: CURSOR })
      node.sent()
      node.receive(message)
      expect(types(node)).toEqual(['span', 'reconcile'])
    }
    const node = open(true, { remembered: CURSOR })
    node.receive({ type: 'stale' })
    node.receive({ type: 'resume', cursor: new Uint8Array(0) })
    expect(types(node).filter(type => type === 'span')).toHaveLength(1)
  })

  test('a cursor that is not of this log is answered as stale', () => {
    const node = open(false)
    node.sent()
    node.receive({ type: 'resume', cursor: CURSOR })
    node.work()
    expect(node.sent()).toEqual([{ type: 'stale' }])
    expect(node.progress).toContainEqual({ type: 'stale', log: 'own' })
  })
})

/** Two nodes that have met, know each other's logs, and meet again. */
function acquainted(): [Node, Node] {
  const nodes: [Node, Node] = [new Node(true, ['resume']), new Node(false, ['resume'])]
  nodes[0].hold(block(1))
  nodes[1].hold(block(2))
  for (const node of nodes) node.open()
  run(...nodes)
  for (const node of nodes) node.cut()
  return nodes
}

test('acquaintances tell each other what is new, and compare nothing', () => {
  const nodes = acquainted()
  for (let n = 10; n < 20; n++) nodes[n % 2]!.hold(block(n))
  const said = new Set<Message['type']>()
  for (const node of nodes) node.open()
  for (const node of nodes) node.onEvent = event => event.type === 'message' && said.add(typeOf(event.bytes))
  run(...nodes)
  expect(nodes[0].store.size).toBe(12)
  expect(nodes[1].store.size).toBe(12)
  for (const node of nodes) expect(node.status()).toMatchObject({ phase: 'live', isResumed: true, rounds: 0 })
  expect(said).not.toContain('reconcile')
})

const NAMES = { 0: 'hello', 1: 'reconcile' } as const
const typeOf = (bytes: Uint8Array) => (NAMES as Record<number, Message['type']>)[bytes[1]!] ?? 'ping'

describe('places', () => {
  const resumed = (): Node => {
    const [, node] = acquainted()
    node.open()
    node.receive(helloOf({ extensions: ['resume'] }))
    node.receive({ type: 'resume', cursor: node.place })
    node.work()
    node.work()
    node.sent()
    return node
  }

  test('are told once a heartbeat, when the log went on', () => {
    const node = resumed()
    node.publish(block(30))
    expect(types(node)).toEqual(['announce', 'ping'])
    expect(node.tasks).toEqual([])
    beat(node)
    node.work()
    expect(node.sent()).toContainEqual({ type: 'position', cursor: node.place })
    beat(node)
    beat(node)
    expect(types(node)).not.toContain('position')
  })

  test('are not told before everything up to them is announced', () => {
    const node = new Node(false, ['resume'])
    node.open()
    node.receive(helloOf({ extensions: ['resume'], items: 256 }))
    const early = node.place
    for (let n = 0; n < 300; n++) node.hold(block(n))
    node.receive({ type: 'resume', cursor: early })
    node.work()
    expect(node.tasks).toEqual([])
    node.receive({ type: 'credit', bytes: 0, items: 256 })
    expect(node.tasks).toEqual([{ type: 'position' }])
  })

  test('of the peer are remembered once all that it announced has been stored', () => {
    const node = resumed()
    node.remembered = undefined
    node.receive({ type: 'announce', items: [itemOf(block(40))] })
    node.receive({ type: 'position', cursor: CURSOR })
    beat(node)
    expect(node.remembered).toBeUndefined()
    node.receive({ type: 'blocks', blocks: [block(40)] })
    node.work()
    expect(node.remembered).toEqual(CURSOR)
  })

  test('of the peer are not remembered while something was put off', () => {
    const node = resumed()
    node.remembered = undefined
    node.judge = () => ({ status: 'deferred', code: 'limit', wait: 60_000 })
    node.receive({ type: 'announce', items: [itemOf(block(41))] })
    node.receive({ type: 'blocks', blocks: [block(41)] })
    node.work()
    node.receive({ type: 'position', cursor: CURSOR })
    beat(node)
    expect(node.remembered).toBeUndefined()
  })

  test('of the peer are written down once a heartbeat, however many it tells', () => {
    const node = resumed()
    beat(node)
    const remembered: Uint8Array[] = []
    for (let n = 1; n <= 100; n++) {
      node.receive({ type: 'position', cursor: Uint8Array.of(n) })
      if (node.remembered !== remembered.at(-1)) remembered.push(node.remembered!)
    }
    expect(remembered).toHaveLength(1)
    beat(node)
    expect(node.remembered).toEqual(Uint8Array.of(100))
  })

  test('are not told before the peer’s cursor was answered, though an audit has ended meanwhile', () => {
    class Slow extends Node {
      override work(): void {
        if (this.tasks[0]?.type === 'replay') this.tasks.shift()
        else super.work()
      }
    }
    const [here, there] = [new Node(true, ['resume']), new Slow(false, ['resume'])]
    here.remembered = CURSOR
    here.open(0)
    there.open()
    run(here, there)
    expect(here.status().rounds).toBe(1)
    there.do({ type: 'replayed' })
    run(here, there)
    expect([here.status().phase, there.status().phase]).toEqual(['live', 'live'])
    expect(here.remembered).not.toEqual(CURSOR)
  })

  test('are not told after an audit that left out what is dated too far ahead for the peer', () => {
    const nodes: [Node, Node] = [new Node(true, ['resume']), new Node(false, ['resume'])]
    nodes[0].bounds = { floor: 0, ceiling: 1_800_000_000_000 }
    nodes[1].hold(envelope(1_900_000_000_000, 1))
    for (const node of nodes) node.open()
    run(...nodes)
    expect(nodes[0].status().rounds).toBe(1)
    expect(nodes[0].remembered).toBeUndefined()
  })
})

describe('faults', () => {
  test.each<[string, Message]>([
    ['a second cursor', { type: 'resume', cursor: CURSOR }],
    ['a stale that nobody asked for', { type: 'stale' }],
  ])('%s ends the session', (_title, message) => {
    const node = open(false)
    node.sent()
    node.receive({ type: 'resume', cursor: new Uint8Array(0) })
    node.receive(message)
    expect(ending(node)).toMatchObject({ bye: 'protocol', field: message.type })
  })

  test.each<[string, Message]>([
    ['resume', { type: 'resume', cursor: CURSOR }],
    ['position', { type: 'position', cursor: CURSOR }],
    ['stale', { type: 'stale' }],
  ])('%s without the extension ends the session', (_title, message) => {
    const node = open(false, { extensions: ['other'] })
    node.sent()
    node.receive(message)
    expect(ending(node)).toMatchObject({ bye: 'protocol', field: message.type })
  })

  test('a place that is too long is no message', () => {
    const node = open(false)
    node.sent()
    node.receive({ type: 'position', cursor: new Uint8Array(SESSION_LIMITS.cursor + 1) })
    expect(ending(node)).toMatchObject({ bye: 'protocol', field: 'position' })
  })
})

test('more than fits after a cursor is left to an audit', () => {
  const node = open(false)
  node.sent()
  node.receive(announce(ids(10)))
  node.receive({ type: 'resume', cursor: node.place })
  const items = Array.from({ length: SESSION_LIMITS.have + 1 }, (_, n) => ({ time: 1, id: idOf(block(n)) }))
  node.do({ type: 'replayed', items })
  expect(types(node)).toContain('audit')
  expect(node.tasks.some(({ type }) => type === 'position')).toBe(false)
})
