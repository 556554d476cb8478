import { CosmicError } from '../base/index'
import type { SyncClient } from '../client/index'
import type { Life } from './life'
import type { SimulatedNode } from './simulated-node'

/** Within what a client tells of what its disk could not do, and a session that came to grief by it is over, in milliseconds. */
const TOLD_WITHIN_MS = 5_000

/** Nodes of a world whose users wait for sync: each wait looks at every session again whenever one of them gets on. */
const MOST_WAITING = 12

/** What the user of a node is told by its client, as long as its process lives. */
export function listenTo(node: SimulatedNode, client: SyncClient, life: Life): void {
  const { world, name } = node
  client.on('erased', ({ block: { id, reason } }) => {
    node.erased.set(id, reason)
    node.erasedAt.set(id, { life, awake: life.awake })
  })
  client.on('connected', ({ peer, remote }) => {
    if (!life.alive) return
    world.record('connected', { node: name, remote })
    awaitSync(node, client, life, peer)
  })
  client.on('disconnected', ({ remote, failure }) => {
    if (!life.alive) return
    world.record('disconnected', { node: name, remote, ...(failure && { code: failure.code }) })
    // What this node itself could not do ends its sessions; what the peer could not do comes as a bye.
    if (failure?.code === 'storage' && failure.field !== 'bye')
      world.failed(node, 'a session', new CosmicError(failure), life, world.now - TOLD_WITHIN_MS)
  })
  client.on('error', ({ error }) => life.alive && world.failed(node, 'client', error, life, world.now - TOLD_WITHIN_MS))
}

/** The user waits until all is synced with whom it has just met: the answer must not come before that. */
function awaitSync({ world, did }: SimulatedNode, client: SyncClient, life: Life, peer: string): void {
  const other = world.nodeOf(peer)
  if (!other || other.did === did || world.nodes.size > MOST_WAITING) return
  // The wait may end with the session, or with the node: that is no answer.
  client.waitForSync({ peers: [peer] }).then(
    () => life.alive && world.answeredSynced(life, peer),
    () => {},
  )
}
