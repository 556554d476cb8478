import type { Block } from '../../block/index'
import type { Pins } from './retention-policy'

const CONTROL: ReadonlySet<string> = new Set(['profile', 'rotation', 'keywrap'])

/** Whether a block is never removed by a bound. */
export function pinsOf(pins: Pins, self: string): (block: Block) => boolean {
  const { own = true, control = true } = pins
  const [authors, tags, kinds, ids] = [pins.authors, pins.tags, pins.kinds, pins.ids].map(list => new Set(list))
  return block => {
    if (block.kind === 'retraction' || (control && CONTROL.has(block.kind))) return true
    if ((own && block.author === self) || authors!.has(block.author)) return true
    if (kinds!.has(block.kind) || ids!.has(block.id)) return true
    return !block.opaque && block.tags !== undefined && block.tags.some(tag => tags!.has(tag))
  }
}
