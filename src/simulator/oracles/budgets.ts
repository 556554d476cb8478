import type { World } from '../world'

/**
 * Work stays in proportion: a node checks one signature for each block that it published or was handed, one for each
 * handshake, and the blocks that waited for their time once more; a session hands over no block twice without cause.
 */
export function checkBudgets(world: World): void {
  const { dials } = world.network.totals
  for (const node of world.nodes.values()) {
    const { verified, received, published, sessions } = node.work
    const most = 2 * published + 2 * received + 2 * dials + 2 * sessions + 8
    if (verified > most) world.violate('budget', `${verified} signatures checked, at most ${most} expected`, node)
  }
}

/** Whoever attacked and was heard must have been told off as the attack deserves. */
export function checkHostiles(world: World): void {
  for (const { name, attackName, sessions, punished, judgements } of world.hostilePeers) {
    if (sessions === 0 || punished.length === 0 || punished.some(code => judgements.has(code))) continue
    const seen = [...judgements].join(', ') || 'nothing'
    world.violate('hostile-borne', `${name} (${attackName}) was to meet ${punished.join(' or ')}, and met ${seen}`)
  }
}
