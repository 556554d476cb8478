import { isObject, refuse } from '../base/index'
import type { Block } from '../block/index'

/** Throws `bad-type` for what is no block, whatever its fields. */
export function checkBlock(block: Block): void {
  if (!isObject(block) || typeof block['id'] !== 'string') refuse('bad-type', 'block', 'a block that was verified')
}
