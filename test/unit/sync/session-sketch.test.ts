import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { initiate, SESSION_LIMITS, SetSpan } from '../../../src/sync/index'
import { decodeMessageOf, type Message } from '../../../src/sync/session-messages'
import { seeded } from '../../long/mutate'
import { helloOf, Node, run, SPAN } from './session-harness'
import { block, ending, sync } from './session-scenes'

const EXTENSIONS = ['sketch']
const WIDTH = SESSION_LIMITS.cell

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

/** A responder with so many blocks, past the hellos, told the span. */
function ready(size: number, extensions = EXTENSIONS): Node {
  const node = new Node(false)
  for (let n = 0; n < size; n++) node.hold(block(n))
  node.open()
  node.receive(helloOf({ extensions }))
  node.receive(SPAN)
  node.sent()
  return node
}

/** An initiator that has told a sketch. */
function telling(size: number): Node {
  const node = new Node(true)
  for (let n = 0; n < size; n++) node.hold(block(n))
  node.open()
  node.receive(helloOf({ extensions: EXTENSIONS }))
  return node
}

const peers = new WeakMap<Node, Node>()

/** The true sketch and first question of a peer that lacks `missing` blocks, at scattered places. */
function tell(responder: Node, missing: number) {
  const other = new Node(true)
  const every = Math.floor(responder.store.size / missing)
  ;[...responder.store.values()].forEach((bytes, n) => {
    if (missing === 0 || n % every !== 1 || n > every * missing) other.hold(bytes)
  })
  other.open()
  other.receive(helloOf({ extensions: EXTENSIONS }))
  peers.set(responder, other)
  const sent = other.sent()
  const sketch = sent.find(message => message.type === 'sketch')!
  const question = sent.find(message => message.type === 'reconcile')!
  return { sketch, question }
}

/** Lets the peer of `tell` answer requests for cells. */
function playCells(responder: Node): void {
  const other = peers.get(responder)!
  for (let more = take(responder); more; more = take(responder)) {
    other.receive(more)
    for (const message of other.sent()) if (message.type === 'cells') responder.receive(message)
  }
}

function take(node: Node): Message | undefined {
  const index = node.outbox.findIndex(bytes => unwrap(decodeMessageOf(bytes)).type === 'more')
  return index < 0 ? undefined : unwrap(decodeMessageOf(node.outbox.splice(index, 1)[0]!))
}

function sketchOf(more: Partial<Message & { type: 'sketch' }> = {}): Message {
  const draw = seeded(5)
  const cells = Uint8Array.from({ length: 12 * WIDTH }, () => draw(256))
  return { type: 'sketch', size: 1000, fingerprint: new Uint8Array(16), available: 2048, cells, ...more }
}
const questionOf = (node: Node): Message => ({
  type: 'reconcile',
  bytes: initiate(new SetSpan(node.set, { floor: 0, ceiling: 4_102_444_800_000 }), [100, 200, 300]),
})
const cellsOf = (count: number): Message => ({ type: 'cells', cells: new Uint8Array(count * WIDTH).fill(7) })
const fault = (field: string) => ({ bye: 'protocol', code: 'protocol', field })

describe('faults of the peer', () => {
  test.each<[string, string, (node: Node) => void]>([
    ['a sketch that is not in use', 'sketch', () => {}],
    ['cells that are not in use', 'cells', node => node.receive(cellsOf(1))],
    ['more that is not in use', 'more', node => node.receive({ type: 'more', count: 1 })],
  ])('%s', (_, field, play) => {
    const node = ready(1000, [])
    play(node)
    if (!node.closed) node.receive(sketchOf())
    expect(ending(node)).toMatchObject(fault(field))
  })

  test.each<[string, string, (node: Node) => void]>([
    ['a second sketch', 'sketch', node => [sketchOf(), sketchOf()].forEach(message => node.receive(message))],
    [
      'a sketch after the question',
      'sketch',
      node => [questionOf(node), sketchOf()].forEach(message => node.receive(message)),
    ],
    ['more cells at once than are available', 'sketch', node => node.receive(sketchOf({ available: 11 }))],
    [
      'cells that nobody asked for',
      'cells',
      node => [sketchOf(), cellsOf(1)].forEach(message => node.receive(message)),
    ],
    ['a responder is asked for cells', 'more', node => node.receive({ type: 'more', count: 1 })],
    [
      'another number of cells than was asked for',
      'cells',
      node => {
        for (const message of Object.values(tell(node, 60))) node.receive(message)
        const more = take(node) as Message & { type: 'more' }
        node.receive(cellsOf(more.count + 1))
      },
    ],
    [
      'an audit that is over before the cells have come',
      'reconciled',
      node => {
        for (const message of Object.values(tell(node, 60))) node.receive(message)
        node.receive({ type: 'reconciled' })
      },
    ],
  ])('%s', (_, field, play) => {
    const node = ready(1000)
    play(node)
    expect(ending(node)).toMatchObject(fault(field))
  })

  test('a sketch without a span', () => {
    const node = new Node(false)
    node.open()
    node.receive(helloOf({ extensions: EXTENSIONS }))
    node.receive(sketchOf())
    expect(ending(node)).toMatchObject(fault('sketch'))
  })

  test('a request for more cells than were told to be there', () => {
    const node = telling(1000)
    const { available } = node.sent().find(message => message.type === 'sketch')!
    node.receive({ type: 'more', count: available - SESSION_LIMITS.firstCells })
    expect(node.sent()).toMatchObject([{ type: 'cells' }])
    node.receive({ type: 'more', count: 1 })
    expect(ending(node)).toMatchObject(fault('more'))
  })

  test('the ninth request for cells, and one after the answer', () => {
    const node = telling(1000)
    for (let i = 0; i < SESSION_LIMITS.cellRequests; i++) node.receive({ type: 'more', count: 1 })
    expect(node.closed).toBeUndefined()
    node.sent()
    node.receive({ type: 'more', count: 1 })
    expect(ending(node)).toMatchObject(fault('more'))
    const other = telling(1000)
    other.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    other.sent()
    other.receive({ type: 'more', count: 1 })
    expect(ending(other)).toMatchObject(fault('more'))
  })
})

describe('lies', () => {
  test('cells that make no sense cost a bounded number of readings, and then Negentropy answers', () => {
    const node = ready(5000)
    for (const message of Object.values(tell(node, 200))) node.receive(message)
    let requests = 0
    for (let more = take(node); more?.type === 'more'; more = take(node)) {
      requests++
      node.receive(cellsOf(more.count))
    }
    expect(requests).toBeGreaterThan(0)
    expect(requests).toBeLessThanOrEqual(SESSION_LIMITS.cellRequests)
    expect(node.state.reconciles).toBe(SESSION_LIMITS.reconciles - 1 - requests)
    expect(node.sent().some(({ type }) => type === 'reconcile')).toBe(true)
    expect(node.state.sketch).toBeUndefined()
    expect(node.closed).toBeUndefined()
  })

  test('a true difference with a false root, size or range is not believed', () => {
    const lies: [(sketch: Message & { type: 'sketch' }) => Message, (question: Message) => Message][] = [
      [sketch => ({ ...sketch, fingerprint: sketch.fingerprint.map(byte => byte ^ 1) }), question => question],
      [sketch => ({ ...sketch, size: sketch.size + 1 }), question => question],
      [
        sketch => sketch,
        question =>
          ({
            ...question,
            bytes: (question as { bytes: Uint8Array }).bytes.map((byte, i, all) =>
              i === all.length - 1 ? byte ^ 1 : byte,
            ),
          }) as Message,
      ],
    ]
    for (const [lieOfSketch, lieOfQuestion] of lies) {
      const node = ready(2000)
      const { sketch, question } = tell(node, 2)
      node.receive(lieOfSketch(sketch))
      node.receive(lieOfQuestion(question))
      expect(node.state.confirmed).toBe(false)
      expect([node.state.need.size, node.state.have.size, node.state.inFlight.size]).toEqual([0, 0, 0])
      const [answer] = node.sent()
      expect(answer).toMatchObject({ type: 'reconcile' })
      expect((answer as { bytes: Uint8Array }).bytes.length).toBeGreaterThan(1)
    }
  })

  test('an equal root ends nothing where a range differs', () => {
    const node = ready(2000)
    const { sketch } = tell(node, 0)
    node.receive(sketch)
    const { question } = tell(ready(2000), 1)
    node.receive(question)
    expect(node.state.confirmed).toBe(false)
    expect((node.sent()[0] as { bytes: Uint8Array }).bytes.length).toBeGreaterThan(1)
  })

  test('a reading costs from the budget, and waits when it is spent', () => {
    const node = ready(2000)
    node.state.reconciles = 0
    const { sketch, question } = tell(node, 1)
    node.receive(sketch)
    node.receive(question)
    expect(node.sent()).toEqual([])
    node.do({ type: 'timer', name: 'heartbeat' })
    expect(node.sent().map(({ type }) => type)).toEqual(['announce', 'ping', 'reconcile'])
  })
})
