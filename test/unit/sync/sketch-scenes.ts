import { unwrap } from '../../../src/base/index'
import { initiate, SESSION_LIMITS, SetSpan } from '../../../src/sync/index'
import { decodeMessageOf, type Message } from '../../../src/sync/session-messages'
import { seeded } from '../../long/mutate'
import { helloOf, Node, SPAN } from './session-harness'
import { block } from './session-scenes'

export const EXTENSIONS = ['sketch']
const WIDTH = SESSION_LIMITS.cell

/** A responder with so many blocks, past the hellos, told the span. */
export function ready(size: number, extensions = EXTENSIONS): Node {
  const node = new Node(false)
  for (let n = 0; n < size; n++) node.hold(block(n))
  node.open()
  node.receive(helloOf({ extensions }))
  node.receive(SPAN)
  node.sent()
  return node
}

/** An initiator that has told a sketch. */
export function telling(size: number): Node {
  const node = new Node(true)
  for (let n = 0; n < size; n++) node.hold(block(n))
  node.open()
  node.receive(helloOf({ extensions: EXTENSIONS }))
  return node
}

const peers = new WeakMap<Node, Node>()

/** The true sketch and first question of a peer that lacks `missing` blocks, at scattered places. */
export function tell(responder: Node, missing: number) {
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
export function playCells(responder: Node): void {
  const other = peers.get(responder)!
  for (let more = take(responder); more; more = take(responder)) {
    other.receive(more)
    for (const message of other.sent()) if (message.type === 'cells') responder.receive(message)
  }
}

export function take(node: Node): Message | undefined {
  const index = node.outbox.findIndex(bytes => unwrap(decodeMessageOf(bytes)).type === 'more')
  return index < 0 ? undefined : unwrap(decodeMessageOf(node.outbox.splice(index, 1)[0]!))
}

export function sketchOf(more: Partial<Message & { type: 'sketch' }> = {}): Message {
  const draw = seeded(5)
  const cells = Uint8Array.from({ length: 12 * WIDTH }, () => draw(256))
  return { type: 'sketch', size: 1000, fingerprint: new Uint8Array(16), available: 2048, cells, ...more }
}
export const questionOf = (node: Node): Message => ({
  type: 'reconcile',
  bytes: initiate(new SetSpan(node.set, { floor: 0, ceiling: 4_102_444_800_000 }), [100, 200, 300]),
})
export const cellsOf = (count: number): Message => ({ type: 'cells', cells: new Uint8Array(count * WIDTH).fill(7) })
export const fault = (field: string) => ({ bye: 'protocol', code: 'protocol', field })
