import { Cid } from '../../../src/base/index'
import type { Message } from '../../../src/sync/session-messages'
import { envelope, idOf, Node, openNode, run } from './session-harness'

export const T = 1_700_000_000_000
export const block = (n: number, size = 40) => envelope(T + n, n, size)
export const itemOf = (bytes: Uint8Array) => ({ time: T, id: idOf(bytes) })
export const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => {
    const digest = new Uint8Array(32)
    new DataView(digest.buffer).setUint32(0, from + i)
    return Cid.fromDigest(digest).toString()
  })
export const announce = (names: readonly string[]): Message => ({
  type: 'announce',
  items: names.map(id => ({ time: T, id })),
})
export const chunks = <T>(values: readonly T[], size: number) =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size))

/** The bye that the peer got, and the failure that the performer got. */
export function ending(node: Node) {
  const bye = node.sent().find(message => message.type === 'bye')
  return { bye: bye?.type === 'bye' ? bye.code : undefined, ...node.closed?.failure }
}

/** A session that has asked for these blocks. */
export function asking(...blocks: Uint8Array[]): Node {
  const node = openNode()
  node.receive({ type: 'announce', items: blocks.map(itemOf) })
  node.sent()
  return node
}

export function pair(left: readonly Uint8Array[], right: readonly Uint8Array[]): [Node, Node] {
  const nodes: [Node, Node] = [new Node(true), new Node(false)]
  for (const bytes of left) nodes[0].hold(bytes)
  for (const bytes of right) nodes[1].hold(bytes)
  return nodes
}

export function sync(nodes: [Node, Node]): void {
  for (const node of nodes) node.open()
  run(...nodes)
}
