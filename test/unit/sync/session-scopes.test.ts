import { expect, test } from 'vitest'
import { INTERESTS, ItemTree } from '../../../src/sync/index'
import { initiate } from '../../../src/sync/negentropy/negentropy'
import type { Message } from '../../../src/sync/session-messages'
import { helloOf, Node, SPAN } from './session-harness'
import { block, ending } from './session-scenes'

const QUESTION: Message = { type: 'reconcile', bytes: initiate(new ItemTree(), []) }
const SCOPE: Message = {
  type: 'scope',
  collection: { of: 'tag', version: 1, kind: 'embedding', tag: 'a' },
  floor: 0,
  ceiling: 4_102_444_800_000,
  fetches: true,
}

/** A responder that was asked to compare. */
function asked(...more: readonly Message[]): Node {
  const node = new Node(false, [INTERESTS])
  node.room = 0
  node.hold(block(1))
  node.open()
  const greeting: Message[] = [helloOf({ extensions: [INTERESTS] }), { type: 'interests', interests: [{}] }, SPAN]
  for (const message of [...greeting, ...more]) node.receive(message)
  node.sent()
  return node
}

test('an audit cannot be ended while a collection is being made for it, and not before what was told is compared', () => {
  const node = asked(QUESTION, SCOPE)
  expect(node.tasks.at(-1)).toMatchObject({ type: 'collect' })
  node.receive({ type: 'reconciled' })
  expect(ending(node)).toMatchObject({ bye: 'protocol', code: 'protocol', field: 'reconciled' })
})

test('after `coarser` a question without another scope is one about everything', () => {
  const node = asked(SCOPE)
  node.work()
  for (let i = 0; i < 2; i++) node.receive(QUESTION)
  expect(node.sent().map(({ type }) => type)).toEqual(['coarser', 'reconcile'])
  expect(node.closed).toBeUndefined()
})
