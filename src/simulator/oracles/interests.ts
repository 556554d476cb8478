import type { World } from '../world'
import type { Surveyed } from './survey'

/**
 * A node holds nothing of others that it never wanted, control blocks apart. Beside nodes that know no interests everybody
 * takes everything.
 */
export function checkInterests(world: World, { node, held }: Surveyed): void {
  if ([...world.nodes.values()].some(({ plain }) => plain)) return
  for (const [id, { block }] of held)
    if (block.author !== node.did && !node.wants.hasWanted(block))
      world.violate('interests', `${id} is held and was never wanted`, node)
}
