import { expect, test } from 'vitest'
import { envelope, idOf, openNode } from './session-harness'

/** A node that was told of one block, asked for it, and got it; its ingest says how long that has to wait. */
function metDeferred(wait: number | undefined) {
  const node = openNode()
  const bytes = envelope(2_000_000_000_000, 1)
  const id = idOf(bytes)
  node.judge = () => ({ status: 'deferred', code: 'time-future', ...(wait !== undefined && { wait }) })
  const announce = () => node.receive({ type: 'announce', items: [{ time: 2_000_000_000_000, id }] })
  announce()
  node.receive({ type: 'blocks', blocks: [bytes] })
  node.work()
  node.sent()
  const asksAgain = () => {
    announce()
    return node.sent().some(message => message.type === 'want')
  }
  return { node, asksAgain }
}

test('what is dated too far ahead is asked for again once it is due, which makes an audit due', () => {
  const { node, asksAgain } = metDeferred(3_000)
  expect(asksAgain()).toBe(false)
  for (let beat = 0; beat < 2; beat++) node.do({ type: 'timer', name: 'heartbeat' })
  expect(asksAgain()).toBe(false)
  node.do({ type: 'timer', name: 'heartbeat' })
  // The answering side asks for an audit.
  expect(node.sent().map(({ type }) => type)).toContain('audit')
  expect(asksAgain()).toBe(true)
})

test('what waits in this node itself is not asked for again', () => {
  const { node, asksAgain } = metDeferred(undefined)
  for (let beat = 0; beat < 5; beat++) node.do({ type: 'timer', name: 'heartbeat' })
  expect(asksAgain()).toBe(false)
})
