import { describe, expect, test } from 'vitest'
import { INTERESTS } from '../../../src/sync/index'
import { helloOf, idOf, Node } from './session-harness'
import { block, T } from './session-scenes'

describe('what was asked for before a widening, and', () => {
  const bytes = block(2)
  const id = idOf(bytes)
  const asked = { type: 'want', ids: [id] }
  /** Asked for, as part of what is wanted not; then wanted. */
  function doubting(): Node {
    const node = new Node(false, [INTERESTS])
    node.open()
    node.receive(helloOf({ extensions: [INTERESTS] }))
    node.receive({ type: 'interests', interests: [{}] })
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
})
