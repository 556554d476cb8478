import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { DEFAULT_LIMITS, DEFAULT_TIMING, SESSION_LIMITS } from '../../../src/sync/index'
import { decodeMessage } from '../../../src/sync/negentropy/message'
import { helloOf, Node, openNode, run } from './session-harness'
import { asking, block, ending, pair, sync } from './session-scenes'

describe('greeting', () => {
  test('hello comes first, with a timeout and a heartbeat; the dialling side then starts to compare', () => {
    const node = new Node(true)
    node.open()
    expect(node.sent().map(({ type }) => type)).toEqual(['hello'])
    expect([...node.timers]).toEqual(['greeting', 'heartbeat'])
    expect(node.status().phase).toBe('greeting')
    node.receive(helloOf({ software: 'other/2' }))
    expect(node.sent().map(({ type }) => type)).toEqual(['span', 'reconcile'])
    expect([...node.timers].sort()).toEqual(['audit', 'heartbeat', 'stall'])
    expect(node.progress[0]).toMatchObject({ type: 'greeted', software: 'other/2' })
    expect(node.status().phase).toBe('reconciling')
  })

  test('anything before hello, a second hello, and no hello at all end the session', () => {
    const early = new Node(false)
    early.open()
    early.receive({ type: 'ping' })
    expect(ending(early)).toMatchObject({ bye: 'protocol', code: 'protocol', field: 'ping' })
    const twice = openNode()
    twice.receive(helloOf())
    expect(ending(twice)).toMatchObject({ bye: 'protocol', field: 'hello' })
    const silent = new Node(false)
    silent.open()
    silent.do({ type: 'timer', name: 'greeting' })
    expect(ending(silent)).toMatchObject({ bye: 'timeout', code: 'timeout', field: 'hello' })
  })

  test('an oversized message ends the session', () => {
    const node = openNode()
    node.do({ type: 'message', bytes: new Uint8Array(SESSION_LIMITS.message + 1) })
    expect(ending(node)).toMatchObject({ bye: 'too-large', code: 'too-large' })
  })
})

describe('audits', () => {
  test('the timer and the user start them, on either side, one after the other', () => {
    const nodes = pair([block(1)], [])
    sync(nodes)
    nodes[0].do({ type: 'timer', name: 'audit' })
    nodes[0].do({ type: 'audit' })
    run(...nodes)
    expect(nodes[0].status().rounds).toBe(3)
    nodes[1].do({ type: 'audit' })
    run(...nodes)
    expect(nodes.map(node => node.status().rounds)).toEqual([4, 4])
  })

  test('an audit finds what was never announced', () => {
    const nodes = pair([block(1)], [])
    sync(nodes)
    nodes[0].hold(block(2))
    nodes[1].hold(block(3))
    nodes[0].do({ type: 'audit' })
    run(...nodes)
    expect(nodes.map(node => node.store.size)).toEqual([3, 3])
  })

  test('the first message has 16 ranges, at places that change with every audit', () => {
    const node = new Node(true)
    for (let n = 0; n < 100; n++) node.hold(block(n))
    node.open()
    node.receive(helloOf())
    const bounds = () => {
      const message = node.sent().find(message => message.type === 'reconcile')
      const ranges = unwrap(decodeMessage(message!.bytes, DEFAULT_LIMITS))
      expect(ranges.map(({ mode }) => mode)).toEqual(Array.from({ length: 16 }, () => 'fingerprint'))
      return ranges.map(({ upper }) => upper)
    }
    const first = bounds()
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    node.receive({ type: 'done' })
    node.do({ type: 'audit' })
    expect(bounds()).not.toEqual(first)
  })
})

describe('health', () => {
  const beat = (node: Node, times = 1) => {
    for (let i = 0; i < times; i++) node.do({ type: 'timer', name: 'heartbeat' })
  }

  test('silence brings pings, then the end; any message counts as a sign of life', () => {
    const node = openNode()
    beat(node, 10)
    expect(node.sent().map(({ type }) => type)).toEqual(Array(9).fill('ping'))
    node.receive({ type: 'pong' })
    beat(node, 10)
    expect(node.closed).toBeUndefined()
    beat(node)
    expect(ending(node)).toMatchObject({ bye: 'peer-gone', code: 'peer-gone', field: 'heartbeat' })
  })

  test('a silent peer is shown within five seconds, given up after more than twelve, and heard again at its next word', () => {
    const { heartbeat } = DEFAULT_TIMING
    expect(SESSION_LIMITS.heartbeatsSilent * heartbeat).toBeLessThanOrEqual(5_000)
    expect(SESSION_LIMITS.heartbeatsMissed * heartbeat).toBeGreaterThanOrEqual(12_500)
    const node = openNode()
    beat(node, SESSION_LIMITS.heartbeatsSilent - 1)
    expect(node.status().stalled).toBeUndefined()
    beat(node, 2)
    expect(node.status().stalled).toBe('peer-silent')
    expect(node.progress.filter(({ type }) => type === 'stalled')).toHaveLength(1)
    node.receive({ type: 'pong' })
    expect(node.status().stalled).toBeUndefined()
    expect(node.progress.at(-1)).toEqual({ type: 'moving' })
  })

  test('a ping is answered', () => {
    const node = openNode()
    node.receive({ type: 'ping' })
    expect(node.sent()).toEqual([{ type: 'pong' }])
  })

  test('a peer that owes blocks and stays silent shows as stalled, then is given up', () => {
    const node = asking(block(1))
    expect(node.timers.has('stall')).toBe(true)
    node.stall()
    expect(node.status().stalled).toBe('peer-silent')
    expect(node.progress).toContainEqual({ type: 'stalled', reason: 'peer-silent' })
    node.stall(2)
    expect(node.closed).toBeUndefined()
    node.stall()
    expect(ending(node)).toMatchObject({ bye: 'timeout', code: 'timeout', hint: 'peer-silent' })
  })

  test('a stall counts from the last advance, to a quarter of its period', () => {
    const node = asking(block(1), block(2))
    for (let i = 1; i < SESSION_LIMITS.stallQuarters; i++) node.do({ type: 'timer', name: 'stall' })
    node.receive({ type: 'blocks', blocks: [block(1)] })
    node.work()
    for (let i = 1; i < SESSION_LIMITS.stallQuarters; i++) node.do({ type: 'timer', name: 'stall' })
    expect(node.status().stalled).toBeUndefined()
    node.do({ type: 'timer', name: 'stall' })
    expect(node.status().stalled).toBe('peer-silent')
  })

  test('the first block ends the stall', () => {
    const node = asking(block(1), block(2))
    node.stall()
    node.receive({ type: 'blocks', blocks: [block(1)] })
    expect(node.status().stalled).toBeUndefined()
    expect(node.progress).toContainEqual({ type: 'moving' })
  })

  test('a drip of one block in each period is progress: it is shown by its rate, and holds up nothing but this session', () => {
    const blocks = Array.from({ length: 8 }, (_, i) => block(i + 1))
    const node = asking(...blocks)
    for (const [i, each] of blocks.entries()) {
      expect(node.status()).toMatchObject({ inFlight: blocks.length - i })
      for (let quarter = 1; quarter < SESSION_LIMITS.stallQuarters; quarter++) node.do({ type: 'timer', name: 'stall' })
      node.receive({ type: 'blocks', blocks: [each] })
      node.work()
    }
    expect([node.status().stalled, node.closed]).toEqual([undefined, undefined])
    expect(node.status().stored).toBe(blocks.length)
  })

  test('waiting for credit, or for the own store, is shown and never ends the session', () => {
    const waiting = openNode(false, node => Array.from({ length: 20 }, (_, n) => node.hold(block(n, 250_000))))
    waiting.receive({ type: 'want', ids: [...waiting.store.keys()] })
    while (waiting.tasks.length > 0) waiting.work()
    waiting.stall(10)
    expect(waiting.status()).toMatchObject({ phase: 'greeting', stalled: 'no-credit' })
    const busy = asking(block(1))
    busy.receive({ type: 'blocks', blocks: [block(1)] })
    busy.stall(10)
    expect(busy.status()).toMatchObject({ stalled: 'ingest' })
  })
})

describe('a peer that opens another connection', () => {
  const tick = (node: ReturnType<typeof openNode>) => node.do({ type: 'timer', name: 'heartbeat' })

  test('is asked for a sign of life, and given up without one after four heartbeats', () => {
    const node = openNode()
    node.sent()
    node.do({ type: 'probe' })
    expect(node.sent()).toEqual([{ type: 'ping' }])
    for (let i = 1; i < SESSION_LIMITS.heartbeatsProbed; i++) {
      tick(node)
      // However often it comes.
      node.do({ type: 'probe' })
    }
    expect([node.closed, node.status().stalled]).toEqual([undefined, undefined])
    tick(node)
    expect(ending(node)).toMatchObject({ code: 'peer-gone', field: 'heartbeat' })
  })

  test('keeps its session with any sign', () => {
    const node = openNode()
    node.do({ type: 'probe' })
    tick(node)
    node.receive({ type: 'pong' })
    for (let i = 0; i < SESSION_LIMITS.heartbeatsMissed; i++) tick(node)
    expect(node.closed).toBeUndefined()
  })
})

describe('ending', () => {
  test('an orderly end says closed and carries no failure', () => {
    const node = openNode()
    node.do({ type: 'close' })
    expect(node.sent()).toEqual([{ type: 'bye', code: 'closed' }])
    expect(node.closed).toEqual({})
    expect(node.status()).toMatchObject({ phase: 'closed' })
    const other = openNode()
    other.receive({ type: 'bye', code: 'closed' })
    expect(other.closed).toEqual({})
    expect(other.sent()).toEqual([])
  })

  test("a failure of this node's own is named, without its details", () => {
    const node = openNode()
    node.do({ type: 'close', failure: { code: 'storage', message: '/secret/path is full' } })
    expect(node.sent()).toEqual([{ type: 'bye', code: 'storage' }])
    expect(node.status().lastError).toMatchObject({ code: 'storage' })
    const other = openNode()
    other.do({ type: 'close', failure: { code: 'bad-did' } })
    expect(ending(other)).toMatchObject({ bye: 'protocol', code: 'bad-did' })
  })

  test("the peer's reason is passed on when it is a known one", () => {
    const known = openNode()
    known.receive({ type: 'bye', code: 'bad-signature' })
    expect(known.closed?.failure).toMatchObject({ code: 'bad-signature', field: 'bye' })
    const unknown = openNode()
    unknown.receive({ type: 'bye', code: 'no-model' })
    expect(unknown.closed?.failure).toMatchObject({ code: 'protocol', field: 'bye' })
  })

  test('nothing happens after the end', () => {
    const node = openNode()
    node.do({ type: 'close' })
    node.closed = undefined
    node.sent()
    for (const event of [{ type: 'audit' }, { type: 'timer', name: 'heartbeat' }, { type: 'disconnected' }] as const)
      node.do(event)
    node.receive({ type: 'ping' })
    expect([node.sent(), node.closed]).toEqual([[], undefined])
  })
})
