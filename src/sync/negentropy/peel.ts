import type { CodedCells } from './coded-cells'
import { readItem } from './item-words'
import type { SetItem } from './reconcile-set'

/** What two sets do not share, seen from the side that reads it. */
export interface Difference {
  /** Only the other side has these, as it says. */
  readonly theirs: readonly SetItem[]
  /** Only this side has these. */
  readonly ours: readonly SetItem[]
}

/**
 * Reads a difference out of its cells, which are used up; `undefined` when they are too few, or make no sense. A cell with one
 * item gives it away, and taking that out of its other cells leaves further ones with one. At most as many items are read as
 * there are cells, whatever these hold.
 */
export function peel(cells: CodedCells): Difference | undefined {
  const [theirs, ours]: [SetItem[], SetItem[]] = [[], []]
  const open = Array.from({ length: cells.count }, (_, cell) => cell)
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
    const single = cells.single(cell)
    if (!single) continue
    if (theirs.length + ours.length === cells.count) return undefined
    cells.toggle(single.item, single.side === 1 ? -1 : 1, open)
    const found = single.side === 1 ? theirs : ours
    found.push(readItem(single.item, 0))
  }
  return cells.isEmpty ? { theirs, ours } : undefined
}
