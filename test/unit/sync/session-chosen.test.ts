import { describe, expect, test } from 'vitest'
import { INTERESTS, RESUME } from '../../../src/sync/index'
import { helloOf, idOf, Node } from './session-harness'
import { block, T } from './session-scenes'

/** A session that goes on from its log, to which a block came before the peer said what it wants. */
function looking(): Node {
  const node = new Node(false, [INTERESTS, RESUME])
  const cursor = node.place
  node.open()
  node.receive(helloOf({ extensions: [INTERESTS, RESUME] }))
  node.publish(block(1))
  node.receive({ type: 'interests', interests: [{}] })
  node.receive({ type: 'resume', cursor })
  expect(node.tasks.map(({ type }) => type)).toEqual(['choose', 'replay'])
  return node
}

const announced = (node: Node) => node.sent().flatMap(message => (message.type === 'announce' ? message.items : []))

describe('what waits to be chosen', () => {
  test.each(['choose', 'replay'])('and comes out of the log, too, is told once: %s first', first => {
    const node = looking()
    if (first === 'replay') node.tasks.reverse()
    for (let i = 0; i < 2; i++) node.work()
    expect(announced(node)).toEqual([{ id: idOf(block(1)), time: T + 1 }])
    expect(node.status().have).toBe(0)
  })

  test('what the peer has itself meanwhile is not told after the look', () => {
    const node = looking()
    node.receive({ type: 'announce', items: [{ id: idOf(block(1)), time: T + 1 }] })
    node.work()
    expect(announced(node)).toEqual([])
  })
})
