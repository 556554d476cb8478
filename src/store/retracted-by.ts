import type { Block } from '../block/index'

/** The block that a retraction withdraws; `undefined` for other blocks. */
export function retractedBy(block: Block): string | undefined {
  return !block.opaque && block.kind === 'retraction' ? block.retraction.block : undefined
}
