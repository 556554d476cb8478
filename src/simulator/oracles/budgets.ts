import type { SimulatedNode } from '../simulated-node'
import type { World } from '../world'

/**
 * What work and traffic may cost a node beyond what its sessions are charged with as they go (docs/simulator.md, "Budgets").
 * Signatures: one for each block that it published or was handed, one more for each that was put off, two for each connection,
 * one of whose sides may be proven twice. Wire: the sessions' messages, so much for each of them, and handshakes.
 */
export const NODE_BUDGETS = {
  signaturesPerConnection: 2,
  signatures: 8,
  wirePerMessage: 32,
  /** A message that is cut into frames pays for each of them. */
  wirePerByte: 1 + 1 / 2_048,
  wirePerConnection: 512,
} as const

export function checkTraffic(world: World): void {
  for (const node of world.nodes.values()) for (const [did, sent] of node.sent) checkWire(world, node, did, sent)
}

export function checkSignatures(world: World): void {
  for (const node of world.nodes.values()) checkSignaturesOf(world, node)
}

function checkSignaturesOf(world: World, node: SimulatedNode): void {
  const { verified, received, published, deferred } = node.work
  const { signatures, signaturesPerConnection } = NODE_BUDGETS
  const most = signatures + published + received + deferred + signaturesPerConnection * connectionsOf(world, node)
  if (verified > most) world.violate('budget', `${verified} signatures checked, at most ${most} expected`, node)
}

function connectionsOf(world: World, { name }: SimulatedNode): number {
  const others = [...world.nodes.keys(), ...world.hostileNames]
  return others.reduce((sum, other) => sum + world.network.traffic(name, other).connections, 0)
}

/** What was lost on the way was sent. */
function checkWire(
  world: World,
  node: SimulatedNode,
  did: string,
  { messages, bytes }: { readonly messages: number; readonly bytes: number },
): void {
  const { wirePerMessage, wirePerByte, wirePerConnection } = NODE_BUDGETS
  const wire = { bytes: 0, connections: 0 }
  for (const other of world.nodes.values()) {
    if (other.did !== did) continue
    const traffic = world.network.traffic(node.name, other.name)
    wire.bytes += traffic.bytes
    wire.connections += traffic.connections
  }
  if (wire.connections === 0) return
  const most = wirePerByte * bytes + wirePerMessage * messages + wirePerConnection * wire.connections
  if (wire.bytes > most)
    world.violate('budget', `${wire.bytes} bytes sent to ${did}, at most ${Math.floor(most)} expected`, node)
}

/** Codes that say what a peer did wrong; others may come of the line. */
const JUDGEMENTS: ReadonlySet<string> = new Set(['protocol', 'version', 'bad-signature', 'sky-mismatch', 'limit'])

/** Whoever attacked and was heard must have been told off as the attack deserves. */
export function checkHostiles(world: World): void {
  for (const { name, attackName, longest, patience, punished, judgements } of world.hostilePeers) {
    const isJudged = longest >= patience || [...judgements].some(code => JUDGEMENTS.has(code))
    if (!isJudged || punished.length === 0 || punished.some(code => judgements.has(code))) continue
    const seen = [...judgements].join(', ') || 'nothing'
    world.violate('hostile-borne', `${name} (${attackName}) was to meet ${punished.join(' or ')}, and met ${seen}`)
  }
}
