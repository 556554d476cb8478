import { describe, expect, test } from 'vitest'
import { SESSION_LIMITS } from '../../../src/sync/index'
import type { Message } from '../../../src/sync/session-messages'
import { helloOf, Node } from './session-harness'
import { ending } from './session-scenes'
import { cellsOf, EXTENSIONS, fault, questionOf, ready, sketchOf, take, tell, telling } from './sketch-scenes'

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

  test('a sketch of one cell is asked for more', () => {
    const node = ready(1000)
    node.receive(sketchOf({ size: 1003, cells: new Uint8Array(SESSION_LIMITS.cell).fill(1) }))
    node.receive(questionOf(node))
    expect(node.closed).toBeUndefined()
    expect(node.sent()).toMatchObject([{ type: 'reconcile' }])
    const other = ready(1000)
    const { sketch, question } = tell(other, 3)
    other.receive({ ...sketch, cells: sketch.cells.slice(0, SESSION_LIMITS.cell) })
    other.receive(question)
    expect(other.sent()).toMatchObject([{ type: 'more', count: 1 }])
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
