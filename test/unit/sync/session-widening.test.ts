import { describe, expect, test } from 'vitest'
import { INTERESTS, type Interests } from '../../../src/sync/index'
import { helloOf, idOf, Node } from './session-harness'
import { block, T } from './session-scenes'

/** An open session whose peer wants this. */
function open(interests: Interests): Node {
  const node = new Node(false, [INTERESTS])
  node.open()
  node.receive(helloOf({ extensions: [INTERESTS] }))
  node.receive({ type: 'interests', interests })
  node.sent()
  return node
}

describe('what was asked for before a widening, and', () => {
  const bytes = block(2)
  const id = idOf(bytes)
  const asked = { type: 'want', ids: [id] }
  /** Asked for, as part of what is wanted not; then wanted. */
  function doubting(): Node {
    const node = open([{}])
    node.want([{ tags: ['t1'] }])
    node.receive({ type: 'announce', items: [{ id, time: T + 2 }] })
    expect(node.sent()).toContainEqual(asked)
    return node
  }
  const widen = (node: Node) => node.want([{ tags: ['t1'] }, { tags: ['t2'] }])

  test('was not to be had under what was wanted then, is asked for once more', () => {
    const node = doubting()
    widen(node)
    for (const again of [true, false]) {
      node.sent()
      node.receive({ type: 'gone', ids: [id] })
      expect(node.sent().some(({ type }) => type === 'want')).toBe(again)
    }
  })

  test('was turned away as not wanted when it came, is asked for once more', () => {
    const node = doubting()
    node.judge = () => ({ status: 'refused' })
    node.receive({ type: 'blocks', blocks: [bytes] })
    expect(node.tasks).toMatchObject([{ type: 'ingest', interests: [{ tags: ['t1'] }] }])
    widen(node)
    for (const again of [true, false]) {
      node.sent()
      node.work()
      expect(node.sent().some(({ type }) => type === 'want')).toBe(again)
      if (again) node.receive({ type: 'blocks', blocks: [bytes] })
    }
  })

  test('came to nothing before it, is asked for when an audit or the peer names it again', () => {
    const node = doubting()
    node.receive({ type: 'gone', ids: [id] })
    const announce = () => node.receive({ type: 'announce', items: [{ id, time: T + 2 }] })
    announce()
    expect(node.sent().some(({ type }) => type === 'want')).toBe(false)
    widen(node)
    node.sent()
    announce()
    expect(node.sent()).toContainEqual(asked)
  })
})

test('what was looked at by what the peer wanted before, is looked at again before it is announced', () => {
  const node = open([{ tags: ['t1'] }])
  const [one, two] = [block(1), block(2)]
  const ids = [one, two].map(each => node.hold(each))
  node.do({ type: 'inserted', items: ids.map((each, i) => ({ id: each, time: T + 1 + i })) })
  expect(node.tasks).toMatchObject([{ type: 'choose', interests: [{ tags: ['t1'] }] }])
  node.receive({ type: 'interests', interests: [{ tags: ['t2'] }] })
  node.work()
  expect(node.tasks).toMatchObject([{ type: 'choose', items: [{ id: ids[0] }], interests: [{ tags: ['t2'] }] }])
  node.work()
  expect(node.sent().filter(({ type }) => type === 'announce')).toEqual([])
})
