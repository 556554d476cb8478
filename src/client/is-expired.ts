import type { Clock } from '../base/index'
import type { Block } from '../block/index'

/** From `expires` on a block is neither read nor found. */
export function isExpired(block: Block, clock: Clock): boolean {
  return !block.opaque && block.expires !== undefined && block.expires <= clock.now()
}
