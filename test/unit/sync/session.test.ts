import { describe, expect, test } from 'vitest'
import { Cid, unwrap } from '../../../src/base/index'
import { DEFAULT_LIMITS, SESSION_LIMITS, type IngestResult } from '../../../src/sync/index'
import { decodeMessage } from '../../../src/sync/negentropy/message'
import type { Message } from '../../../src/sync/session-messages'
import { envelope, helloOf, idOf, MALFORMED, Node, openNode, run } from './session-harness'

const T = 1_700_000_000_000
const block = (n: number, size = 40) => envelope(T + n, n, size)
const itemOf = (bytes: Uint8Array) => ({ time: T, id: idOf(bytes) })
const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => {
    const digest = new Uint8Array(32)
    new DataView(digest.buffer).setUint32(0, from + i)
    return Cid.fromDigest(digest).toString()
  })
const announce = (names: readonly string[]): Message => ({
  type: 'announce',
  items: names.map(id => ({ time: T, id })),
})
const chunks = <T>(values: readonly T[], size: number) =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size))

/** The bye that the peer got, and the failure that the performer got. */
function ending(node: Node) {
  const bye = node.sent().find(message => message.type === 'bye')
  return { bye: bye?.type === 'bye' ? bye.code : undefined, ...node.closed?.failure }
}

/** A session that has asked for these blocks. */
function asking(...blocks: Uint8Array[]): Node {
  const node = openNode()
  node.receive({ type: 'announce', items: blocks.map(itemOf) })
  node.sent()
  return node
}

function pair(left: readonly Uint8Array[], right: readonly Uint8Array[]): [Node, Node] {
  const nodes: [Node, Node] = [new Node(true), new Node(false)]
  for (const bytes of left) nodes[0].hold(bytes)
  for (const bytes of right) nodes[1].hold(bytes)
  return nodes
}

function sync(nodes: [Node, Node]): void {
  for (const node of nodes) node.open()
  run(...nodes)
}

describe('greeting', () => {
  test('hello comes first, with a timeout and a heartbeat; the dialling side then starts to compare', () => {
    const node = new Node(true)
    node.open()
    expect(node.sent().map(({ type }) => type)).toEqual(['hello'])
    expect([...node.timers]).toEqual(['greeting', 'heartbeat'])
    expect(node.status().phase).toBe('greeting')
    node.receive(helloOf({ software: 'other/2' }))
    expect(node.sent().map(({ type }) => type)).toEqual(['reconcile'])
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

describe('transfer', () => {
  test('missing blocks flow both ways, then new ones live, and both sides know that they are in sync', () => {
    const [left, right] = pair([block(1), block(2), block(3)], [block(3), block(4)])
    sync([left, right])
    expect([...left.store.keys()].sort()).toEqual([...right.store.keys()].sort())
    expect(left.status()).toMatchObject({ phase: 'live', received: 1, stored: 1, sent: 2, rounds: 1, faults: 0 })
    expect(right.status()).toMatchObject({ phase: 'live', received: 2, stored: 2, sent: 1, rounds: 1 })
    for (const node of [left, right]) expect(node.progress.filter(({ type }) => type === 'synced').length).toBe(1)
    right.publish(block(5))
    run(left, right)
    expect(left.store.has(idOf(block(5)))).toBe(true)
    expect(right.outbox).toEqual([])
  })

  test('a cut loses nothing: the next session fetches the rest only', () => {
    const blocks = Array.from({ length: 200 }, (_, n) => block(n))
    const [left, right] = pair(blocks, [])
    for (const node of [left, right]) node.open()
    while (right.store.size < 64) {
      for (const bytes of left.outbox.splice(0)) right.do({ type: 'message', bytes })
      for (const bytes of right.outbox.splice(0)) left.do({ type: 'message', bytes })
      left.work()
      right.work()
    }
    right.do({ type: 'disconnected' })
    expect(right.closed?.failure).toMatchObject({ code: 'peer-gone' })
    const held = right.store.size
    const again = pair(blocks, [...right.store.values()])
    sync(again)
    expect(again[1].store.size).toBe(200)
    expect(again[1].status().received).toBe(200 - held)
  })

  test('a batch has at most 64 blocks and 1 MiB, and waits for credit', () => {
    const blocks = Array.from({ length: 40 }, (_, n) => block(n, 250_000))
    const node = openNode(false, node => blocks.forEach(bytes => node.hold(bytes)))
    node.receive({ type: 'want', ids: blocks.map(idOf) })
    while (node.tasks.length > 0) node.work()
    const batches = node.sent().flatMap(message => (message.type === 'blocks' ? [message.blocks.length] : []))
    expect(batches).toEqual([4, 4, 4, 4])
    expect(node.status()).toMatchObject({ sent: 16, wanted: 24 })
    node.receive({ type: 'credit', bytes: 500_000, items: 0 })
    while (node.tasks.length > 0) node.work()
    expect(node.status()).toMatchObject({ sent: 18, wanted: 22 })
    const small = openNode(false, node => Array.from({ length: 70 }, (_, n) => node.hold(block(n))))
    small.receive({ type: 'want', ids: [...small.store.keys()] })
    while (small.tasks.length > 0) small.work()
    expect(small.sent().flatMap(message => (message.type === 'blocks' ? [message.blocks.length] : []))).toEqual([64, 6])
  })

  test('what is not held is answered as gone', () => {
    const node = openNode(false, node => node.hold(block(1)))
    node.receive({ type: 'want', ids: [idOf(block(1)), idOf(block(2))] })
    node.work()
    expect(node.sent().map(({ type }) => type)).toEqual(['gone', 'blocks'])
  })

  test('what is gone, refused or deferred is not asked for again in the session', () => {
    const [one, two, three] = [block(1), block(2), block(3)] as const
    const node = asking(one, two, three)
    node.judge = id => ({ status: id === idOf(two) ? 'refused' : 'deferred', code: 'policy' })
    node.receive({ type: 'gone', ids: [idOf(one)] })
    node.receive({ type: 'blocks', blocks: [two, three] })
    node.work()
    node.receive({ type: 'announce', items: [one, two, three].map(itemOf) })
    expect(node.sent()).toEqual([])
    expect(node.status()).toMatchObject({ phase: 'reconciling', faults: 0, stored: 0 })
  })

  test('an id announced by several messages is asked for once', () => {
    const node = asking(block(1))
    node.receive({ type: 'announce', items: [itemOf(block(1)), itemOf(block(1))] })
    expect(node.sent()).toEqual([])
  })

  test('credit goes back once blocks are ingested, so that any amount passes through the window', () => {
    const blocks = Array.from({ length: 60 }, (_, n) => block(n, 200_000))
    const [left, right] = pair(blocks, [])
    sync([left, right])
    expect(right.store.size).toBe(60)
    expect(right.state.grantedBytes + right.state.owedBytes).toBe(SESSION_LIMITS.window)
    expect(left.state.creditBytes).toBe(right.state.grantedBytes)
  })
})

describe('bounds that the peer must keep', () => {
  const cases: [string, () => Node, string][] = [
    ['a block that was not asked for', () => receiving(openNode(), { type: 'blocks', blocks: [block(1)] }), 'blocks'],
    [
      'a block twice in one message',
      () => receiving(asking(block(1)), { type: 'blocks', blocks: [block(1), block(1)] }),
      'blocks',
    ],
    ['a gone that was not asked for', () => receiving(openNode(), { type: 'gone', ids: ids(1) }), 'gone'],
    ['an id wanted twice', () => receiving(openNode(), { type: 'want', ids: [...ids(1), ...ids(1)] }), 'want'],
    [
      '1,025 ids wanted',
      () => receiving(openNode(), ...chunks(ids(1025), 256).map(ids => ({ type: 'want', ids }) as const)),
      'want',
    ],
    ['4,097 items announced', () => receiving(openNode(), ...chunks(ids(4097), 256).map(announce)), 'announce'],
    [
      'more credit than the largest window',
      () => receiving(openNode(), { type: 'credit', bytes: 67_108_864, items: 0 }),
      'credit',
    ],
    [
      'more items of credit than allowed',
      () => receiving(openNode(), { type: 'credit', bytes: 0, items: 65_536 }),
      'credit',
    ],
    ['a pong without a ping', () => receiving(openNode(), { type: 'pong' }), 'pong'],
    ['a done without an audit', () => receiving(openNode(), { type: 'done' }), 'done'],
    ['a reconciled without an audit', () => receiving(openNode(), { type: 'reconciled' }), 'reconciled'],
    ['a reconciled from the answering side', () => receiving(openNode(true), { type: 'reconciled' }), 'reconciled'],
    ['an audit asked for by the dialling side', () => receiving(openNode(false), { type: 'audit' }), 'audit'],
    [
      'a malformed comparison',
      () => receiving(openNode(), { type: 'reconcile', bytes: Uint8Array.of(0x61, 0) }),
      'reconcile',
    ],
    [
      'an oversized comparison',
      () => receiving(openNode(), { type: 'reconcile', bytes: new Uint8Array(60_001).fill(0x61) }),
      'reconcile',
    ],
    [
      'a malformed answer',
      () => receiving(openNode(true), { type: 'reconcile', bytes: new Uint8Array(0) }),
      'reconcile',
    ],
    [
      'an answer that was not awaited',
      () =>
        receiving(
          openNode(true),
          ...Array.from({ length: 2 }, () => ({ type: 'reconcile', bytes: Uint8Array.of(0x61) }) as const),
        ),
      'reconcile',
    ],
  ]

  function receiving(node: Node, ...messages: Message[]): Node {
    for (const message of messages) node.receive(message)
    return node
  }

  test.each(cases)('%s ends the session', (_, play, field) => {
    expect(ending(play())).toMatchObject({ bye: 'protocol', code: 'protocol', field })
  })

  test('more bytes than the window, before the ingest has taken any', () => {
    const blocks = Array.from({ length: 17 }, (_, n) => block(n, 262_144))
    const node = asking(...blocks)
    for (const batch of chunks(blocks.slice(0, 16), 4)) node.receive({ type: 'blocks', blocks: batch })
    expect(node.closed).toBeUndefined()
    node.receive({ type: 'blocks', blocks: blocks.slice(16) })
    expect(ending(node)).toMatchObject({ code: 'protocol', field: 'blocks', limit: SESSION_LIMITS.window })
  })
})

describe('bounds that this side keeps', () => {
  test('at most 1,024 ids are in flight, whatever is announced', () => {
    const node = openNode()
    for (const some of chunks(ids(4096), 256)) node.receive(announce(some))
    expect(node.status()).toMatchObject({ inFlight: 1024, need: 3072 })
    node.receive({ type: 'gone', ids: ids(63) })
    expect(node.status()).toMatchObject({ inFlight: 961, need: 3072 })
    node.receive({ type: 'gone', ids: ids(1, 63) })
    expect(node.status()).toMatchObject({ inFlight: 1024, need: 3008 })
  })

  test('an answer is read only when the queues are short', () => {
    const node = openNode(true)
    for (const some of chunks(ids(2100), 256)) node.receive(announce(some))
    expect(node.status().need).toBeGreaterThan(SESSION_LIMITS.resume)
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    expect(node.state.answer).toBeDefined()
    node.sent()
    for (const some of chunks(ids(256), 64)) node.receive({ type: 'gone', ids: some })
    expect(node.state.answer).toBeUndefined()
    expect(node.sent().map(({ type }) => type)).toContain('reconciled')
  })

  test('announcing waits for credit; what overflows the queue makes an audit due', () => {
    for (const initiator of [true, false]) {
      const node = openNode(initiator)
      const inserted = (names: readonly string[]) =>
        node.do({ type: 'inserted', items: names.map(id => ({ id, time: T })) })
      inserted(ids(SESSION_LIMITS.have))
      const announced = node.sent().flatMap(message => (message.type === 'announce' ? message.items : []))
      expect(announced.length).toBe(4096)
      expect(node.status().have).toBe(SESSION_LIMITS.have - 4096)
      expect(node.state.auditDue).toBe(false)
      inserted(ids(4097, 100_000))
      expect(node.status().have).toBe(SESSION_LIMITS.have)
      expect(node.state.auditDue).toBe(true)
      if (!initiator) expect(node.sent().map(({ type }) => type)).toContain('audit')
    }
  })

  test('what came from the peer is not announced back to it', () => {
    const node = asking(block(1))
    node.receive({ type: 'blocks', blocks: [block(1)] })
    node.work()
    node.do({ type: 'inserted', items: [itemOf(block(1))] })
    expect(node.sent()).toEqual([])
  })
})

describe('faults', () => {
  function judged(result: Omit<IngestResult, 'id'>, blocks = [block(1)]): Node {
    const node = asking(...blocks)
    node.judge = () => result
    for (const bytes of blocks) {
      node.receive({ type: 'blocks', blocks: [bytes] })
      node.work()
    }
    return node
  }

  test('one bad signature ends the session', () => {
    const node = judged({ status: 'invalid', code: 'bad-signature' })
    expect(node.progress).toContainEqual({ type: 'fault', id: idOf(block(1)), code: 'bad-signature' })
    expect(ending(node)).toMatchObject({ bye: 'bad-signature', code: 'bad-signature' })
  })

  test('so does one malformed block, noticed at once or by the ingest', () => {
    expect(ending(judged({ status: 'invalid', code: 'unsorted-keys' }))).toMatchObject({ bye: 'bad-signature' })
    const node = asking(block(1))
    node.receive({ type: 'blocks', blocks: [Uint8Array.of(MALFORMED)] })
    expect(ending(node)).toMatchObject({ bye: 'bad-signature', hint: 'block unknown: bad-envelope' })
    expect(node.tasks).toEqual([])
  })

  test('a false sky is a fault, eight are too many', () => {
    const blocks = Array.from({ length: 8 }, (_, n) => block(n))
    const seven = judged({ status: 'invalid', code: 'sky-mismatch' }, blocks.slice(0, 7))
    expect(seven.closed).toBeUndefined()
    expect(seven.status().faults).toBe(7)
    const eight = judged({ status: 'invalid', code: 'sky-mismatch' }, blocks)
    expect(ending(eight)).toMatchObject({ bye: 'sky-mismatch', code: 'sky-mismatch', limit: 8 })
  })

  test('field rules of a kind that the peer never declared are no fault, of a declared one they are', () => {
    const kind = (name: string) => ({ version: 1, kind: name })
    expect(judged({ status: 'invalid', code: 'unknown-field', kind: kind('grant') }).status().faults).toBe(0)
    expect(judged({ status: 'invalid', code: 'bad-signature', kind: kind('grant') }).closed).toBeDefined()
    expect(judged({ status: 'invalid', code: 'unknown-field', kind: kind('embedding') }).closed).toBeDefined()
  })

  test.each(['policy', 'unknown-kind', 'limit'] as const)('a refusal for %s costs the peer nothing', code => {
    const node = judged({ status: 'refused', code })
    expect(node.closed).toBeUndefined()
    expect(node.status().faults).toBe(0)
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
  const tick = (node: Node, name: 'heartbeat' | 'stall', times = 1) => {
    for (let i = 0; i < times; i++) node.do({ type: 'timer', name })
  }

  test('silence brings pings, then the end; any message counts as a sign of life', () => {
    const node = openNode()
    tick(node, 'heartbeat', 6)
    expect(node.sent().map(({ type }) => type)).toEqual(['ping', 'ping', 'ping', 'ping', 'ping'])
    node.receive({ type: 'pong' })
    tick(node, 'heartbeat', 6)
    expect(node.closed).toBeUndefined()
    tick(node, 'heartbeat')
    expect(ending(node)).toMatchObject({ bye: 'peer-gone', code: 'peer-gone', field: 'heartbeat' })
  })

  test('a ping is answered', () => {
    const node = openNode()
    node.receive({ type: 'ping' })
    expect(node.sent()).toEqual([{ type: 'pong' }])
  })

  test('a peer that owes blocks and stays silent shows as stalled, then is given up', () => {
    const node = asking(block(1))
    expect(node.timers.has('stall')).toBe(true)
    tick(node, 'stall')
    expect(node.status().stalled).toBe('peer-silent')
    expect(node.progress).toContainEqual({ type: 'stalled', reason: 'peer-silent' })
    tick(node, 'stall', 2)
    expect(node.closed).toBeUndefined()
    tick(node, 'stall')
    expect(ending(node)).toMatchObject({ bye: 'timeout', code: 'timeout', hint: 'peer-silent' })
  })

  test('the first block ends the stall', () => {
    const node = asking(block(1), block(2))
    tick(node, 'stall')
    node.receive({ type: 'blocks', blocks: [block(1)] })
    expect(node.status().stalled).toBeUndefined()
  })

  test('waiting for credit, or for the own store, is shown and never ends the session', () => {
    const waiting = openNode(false, node => Array.from({ length: 20 }, (_, n) => node.hold(block(n, 250_000))))
    waiting.receive({ type: 'want', ids: [...waiting.store.keys()] })
    while (waiting.tasks.length > 0) waiting.work()
    tick(waiting, 'stall', 10)
    expect(waiting.status()).toMatchObject({ phase: 'reconciling', stalled: 'no-credit' })
    const busy = asking(block(1))
    busy.receive({ type: 'blocks', blocks: [block(1)] })
    tick(busy, 'stall', 10)
    expect(busy.status()).toMatchObject({ stalled: 'ingest' })
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
