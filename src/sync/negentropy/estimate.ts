import type { CodedCells } from './coded-cells'

/** How likely an item is in a cell, from cell 1 on. */
const density = (cell: number) => 1 / (1 + cell / 2)

/**
 * How many items the first `count` cells of a difference make expect. How many more of one side's items than of
 * the other's fall into a cell varies with the number of items that differ.
 */
export function estimate(cells: CodedCells, count: number): number {
  const net = cells.excess(0)
  let sum = 0
  for (let cell = 1; cell < count; cell++) {
    const share = density(cell)
    sum += (cells.excess(cell) - net * share) ** 2 / (share * (1 - share))
  }
  return Math.max(Math.abs(net), sum / Math.max(1, count - 1))
}
