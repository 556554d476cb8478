import { describe, expect, test } from 'vitest'
import { nameOf, INTERESTS, SESSION_LIMITS, SKETCH_EXTENSION, type Interests } from '../../../src/sync/index'
import { isWidened } from '../../../src/sync/interest'
import type { Message } from '../../../src/sync/session-messages'
import { envelope, helloOf, idOf, Node, run, SPAN } from './session-harness'
import { block, ending, T } from './session-scenes'

const BOTH = [SKETCH_EXTENSION, INTERESTS]
const embeddings = (count: number, from = 0) => Array.from({ length: count }, (_, i) => block(from + i))
const retractions = (count: number, from = 10_000) => embeddings(count, from)

function meet(left: Interests, right: Interests, set: (nodes: [Node, Node]) => void): [Node, Node] {
  const nodes: [Node, Node] = [new Node(true, BOTH), new Node(false, BOTH)]
  nodes[0].interests = left
  nodes[1].interests = right
  set(nodes)
  for (const node of nodes) node.open()
  run(...nodes)
  return nodes
}

const numberOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(12)
const numbers = ({ store }: Node) => [...store.values()].map(numberOf).sort((a, b) => a - b)
const names = (node: Node) => node.status().collections.map(collection => nameOf(collection).join(' '))

describe('what each side wants', () => {
  test.each<[string, Interests, Interests]>([
    ['a tag each', [{ tags: ['t1'] }], [{ tags: ['t2'] }]],
    ['everything, and a tag', [{}], [{ tags: ['t1'] }]],
    ['a tag, and everything', [{ tags: ['t1'] }], [{}]],
    ['two tags at once', [{ tags: ['t1', 'odd'] }], [{ tags: ['t1'] }]],
    ['nothing', [], []],
    ['times', [{ since: T + 100, until: T + 200 }], [{ tags: ['t0'], since: T + 50 }]],
    [
      'what is in several collections',
      [{ author: 'did:key:z1', tags: ['odd'] }, { tags: ['t0'] }],
      [{ kind: 'embedding' }],
    ],
  ])('is there when the audit has ended, and nothing else but the control blocks: %s', (_, left, right) => {
    const mine = [...embeddings(200), ...retractions(3)]
    const theirs = [...embeddings(200, 150), ...retractions(40, 10_100)]
    const nodes = meet(left, right, ([a, b]) => {
      mine.forEach(bytes => a.hold(bytes))
      theirs.forEach(bytes => b.hold(bytes))
    })
    const wants = (interests: Interests, n: number) =>
      n >= 10_000 ||
      interests.some(({ tags = [], since = 0, until = Infinity }) => {
        const has = [`t${n % 3}`, n % 2 ? 'odd' : 'even']
        return tags.every(tag => has.includes(tag)) && T + n >= since && T + n < until
      })
    const all = [...new Set([...mine, ...theirs].map(bytes => numberOf(bytes)))]
    const expected = (own: readonly Uint8Array[], interests: Interests) => {
      const held = new Set(own.map(bytes => numberOf(bytes)))
      return all.filter(n => held.has(n) || wants(interests, n)).sort((a, b) => a - b)
    }
    expect(numbers(nodes[0])).toEqual(expected(mine, left))
    expect(numbers(nodes[1])).toEqual(expected(theirs, right))
    for (const node of nodes)
      expect([node.closed, node.status().phase, node.status().rounds]).toEqual([undefined, 'live', 1])
    // What was compared is not found to differ again, as far as one collection is wanted whole.
    nodes[0].do({ type: 'audit' })
    run(...nodes)
    expect(nodes[0].status().rounds).toBe(2)
  })

  test('the control blocks come first', () => {
    const order: string[] = []
    const nodes = meet([{ tags: ['t1'] }], [{}], ([a, b]) => {
      embeddings(100).forEach(bytes => b.hold(bytes))
      retractions(5).forEach(bytes => b.hold(bytes))
      a.onEvent = event => {
        if (event.type === 'ingested') order.push(...event.results.map(({ id }) => id))
      }
    })
    const first = order.slice(0, 5).map(id => numbers({ store: new Map([[id, nodes[0].store.get(id)!]]) } as Node)[0])
    expect(first.every(n => n! >= 10_000)).toBe(true)
    expect(names(nodes[0])).toEqual(['control', 'tag 1 embedding t1', ''])
  })

  test('a peer without the extension is told everything, as ever', () => {
    const nodes: [Node, Node] = [new Node(true, BOTH), new Node(false)]
    nodes[0].interests = [{ tags: ['t1'] }]
    embeddings(50).forEach(bytes => nodes[1].hold(bytes))
    for (const node of nodes) node.open()
    run(...nodes)
    expect(nodes[0].store.size).toBe(50)
    expect(nodes[0].status().collections).toEqual([])
  })

  test('one that wants little of much costs little, whoever dials', () => {
    for (const dials of [0, 1]) {
      const nodes = meet(dials ? [{ tags: ['rare'] }] : [{}], dials ? [{}] : [{ tags: ['rare'] }], each => {
        embeddings(5_000).forEach(bytes => each[dials]!.hold(bytes))
        embeddings(20, 6_000).forEach(bytes => each[1 - dials]!.hold(bytes))
      })
      expect(nodes[dials]!.store.size).toBe(dials === 0 ? 5_020 : 5_020)
      const { bytesIn, bytesOut } = nodes[0].status()
      expect([dials, bytesIn + bytesOut < 40_000]).toEqual([dials, true])
    }
  })
})

describe('changes of mind', () => {
  test('a widened interest is fetched, a narrowed one is pushed no more, and a position waits for the audit', () => {
    const nodes = meet([{}], [{ tags: ['t1'] }], ([a]) => embeddings(30).forEach(bytes => a.hold(bytes)))
    const [a, b] = nodes
    expect(b.store.size).toBe(10)
    b.want([{ tags: ['t1'] }, { tags: ['t2'] }])
    run(...nodes)
    expect([b.store.size, a.status().rounds]).toEqual([20, 2])
    b.want([{ tags: ['t2'] }])
    run(...nodes)
    expect(a.status().rounds).toBe(2)
    for (let n = 100; n < 103; n++) a.publish(block(n))
    run(...nodes)
    expect(b.store.size).toBe(21)
    b.want([{ tags: ['t2'] }])
    expect(b.sent()).toEqual([])
  })

  test('what waits to be announced is chosen anew when the peer wants something else', () => {
    const nodes = meet([{}], [{ tags: ['t1'] }], () => {})
    const [a, b] = nodes
    a.state.creditItems = 0
    a.publish(block(1))
    run(...nodes)
    expect([...a.state.have.keys()]).toEqual([idOf(block(1))])
    b.want([{ tags: ['t2'] }])
    a.publish(block(2))
    run(...nodes)
    a.state.creditItems = 100
    a.do({ type: 'timer', name: 'heartbeat' })
    run(...nodes)
    expect([...b.state.known]).toEqual([idOf(block(2))])
    expect(numbers(b)).toEqual([2])
  })

  test('more changes than the peer bears wait for the heartbeats, and only the last is told', () => {
    const node = opened(false)
    for (let i = 0; i < 50; i++) node.want([{ tags: [`w${i}`] }])
    const told = node.sent().filter(({ type }) => type === 'interests')
    expect(told).toHaveLength(SESSION_LIMITS.changesTold)
    for (let beat = 0; beat < 2; beat++) node.do({ type: 'timer', name: 'heartbeat' })
    expect(node.sent().filter(({ type }) => type === 'interests')).toEqual([
      { type: 'interests', interests: [{ tags: ['w49'] }] },
    ])
  })

  test.each<[boolean, Interests, Interests]>([
    [false, [{}], [{}]],
    [false, [{ tags: ['a'] }], [{}]],
    [false, [], [{ tags: ['a'] }]],
    [false, [{ tags: ['a'] }], [{ tags: ['b'] }, { tags: ['a'] }]],
    [true, [{ tags: ['a'] }], [{ tags: ['b'] }]],
    [true, [{}], [{ tags: ['b'] }]],
    [true, [{ tags: ['a'], until: 6 }], [{ tags: ['a'], until: 5 }]],
  ])('%s: %j after %j may want more', (expected, now, before) => expect(isWidened(now, before)).toBe(expected))
})

function opened(initiator: boolean, ...more: Message[]): Node {
  const node = new Node(initiator, BOTH)
  node.open()
  for (const message of [helloOf({ extensions: [INTERESTS, SKETCH_EXTENSION] }), ...more]) node.receive(message)
  node.sent()
  return node
}

describe('attacks', () => {
  const everything: Message = { type: 'interests', interests: [{}] }
  const scope = (tag: string): Message => ({
    type: 'scope',
    collection: { of: 'tag', version: 1, kind: 'embedding', tag },
    floor: 0,
    ceiling: 4_102_444_800_000,
    fetches: true,
  })

  test('a flood of interests ends the session', () => {
    const node = opened(false, everything)
    for (let i = 0; i < SESSION_LIMITS.changes; i++)
      node.receive({ type: 'interests', interests: [{ tags: [`${i}`] }] })
    expect(node.closed).toBeUndefined()
    node.receive({ type: 'interests', interests: [] })
    expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', field: 'interests', limit: 16 })
  })

  test('more collections in an audit than may be needed end the session, and no second one is asked for at once', () => {
    const node = opened(false, everything, SPAN)
    for (let i = 0; i < SESSION_LIMITS.collections + 2; i++) {
      node.receive(scope(`${i}`))
      node.work()
      node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
      expect(node.closed).toBeUndefined()
      for (let beat = 0; beat < 2; beat++) node.do({ type: 'timer', name: 'heartbeat' })
    }
    expect(node.trees.size).toBe(SESSION_LIMITS.collections + 2)
    node.receive(scope('one more'))
    expect(ending(node)).toMatchObject({ code: 'protocol', field: 'scope', limit: 18 })

    const other = opened(false, everything, SPAN, scope('a'))
    other.receive(scope('b'))
    expect(ending(other)).toMatchObject({ code: 'protocol', field: 'scope' })
  })

  test.each<[string, () => Node, Message]>([
    ['interests that were not agreed on', () => plain(), everything],
    ['a scope that was not agreed on', () => plain(), scope('a')],
    ['a scope without a span', () => opened(false, everything), scope('a')],
    ['a scope from the answering side', () => opened(true, everything), scope('a')],
    ['coarser from the dialling side', () => opened(false, everything, SPAN, scope('a')), { type: 'coarser' }],
    ['coarser while nothing is asked', () => opened(true), { type: 'coarser' }],
  ])('%s', (_, open, message) => {
    const node = open()
    node.receive(message)
    expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', field: message.type })
  })

  function plain(): Node {
    const node = new Node(false)
    node.open()
    node.receive(helloOf())
    return node
  }

  test('a side without room for a collection has everything compared, and still gets only what it wants', () => {
    for (const full of [0, 1]) {
      const nodes = meet([{ tags: ['t1'] }], [{ tags: ['t2'] }], each => {
        each[full]!.room = 1
        embeddings(60).forEach(bytes => each[0].hold(bytes))
        embeddings(60, 60).forEach(bytes => each[1].hold(bytes))
      })
      expect(nodes.map(({ store }) => store.size)).toEqual([80, 80])
      expect(nodes[full]!.status().isCoarse).toBe(true)
      expect(names(nodes[0]).at(-1)).toBe('')
    }
  })

  test('a set that others use is asked for all the same, so that it stays when they go; one refused before the question, too', () => {
    const node = opened(false, everything, SPAN)
    const other = new Node(false, BOTH)
    Object.assign(node.options.collections!, { find: () => other.set })
    node.receive(scope('a'))
    expect(node.tasks).toMatchObject([{ type: 'collect' }])
    node.room = 0
    node.work()
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    expect(node.sent()).toEqual([{ type: 'coarser' }])
  })

  test('a peer that says nothing of what it wants is shown as silent, and given up', () => {
    const node = opened(true)
    for (let i = 0; i < SESSION_LIMITS.stalls; i++) {
      node.stall()
      if (i === 0) expect(node.status().stalled).toBe('peer-silent')
    }
    expect(node.closed?.failure).toMatchObject({ code: 'timeout', field: 'stalled' })
  })

  test('what was pushed is handed to the ingest with what is wanted, so that all else can be turned away', () => {
    const node = new Node(false, BOTH)
    node.interests = [{ tags: ['t1'] }]
    node.open()
    for (const message of [helloOf({ extensions: [INTERESTS] }), everything]) node.receive(message)
    const bytes = envelope(T, 3)
    node.receive({ type: 'announce', items: [{ id: idOf(bytes), time: T }] })
    node.receive({ type: 'blocks', blocks: [bytes] })
    expect(node.tasks).toMatchObject([{ type: 'ingest', interests: [{ tags: ['t1'] }] }])
  })
})
