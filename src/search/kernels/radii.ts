import type { CodeSpace } from './code-space'
import type { Generation } from './generation'
import { BLOCK } from './shape'

/** Blocks of a list whose rows tell how far its own are from its centroid: the first, whose rows it was made with. */
const TELLING = 2
/** Fewer rows than this do not tell. */
const FEW = 8
/** So many times the way from the middle to the third quarter beyond that: 1.3 deviations of what is spread normally. */
const BEYOND = 1
/** How far the square of a length is off that a code's factor tells, as a share, and what rounding makes of that of none. */
const OFF = 1.1
export const ROUNDING = 1e-3

/** Beyond which hardly any of some values is that are like them: of few, strange ones among them do not matter. */
export function limitOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const [middle, third] = [sorted[sorted.length >> 1]!, sorted[(3 * sorted.length) >> 2]!]
  return third + BEYOND * (third - middle)
}

/**
 * For each list the square of the distance from its centroid beyond which hardly any of its rows is: a query that is farther is not
 * like them, and where its nearest are they do not tell. 0 where rows are too few.
 */
export function radiiOf(space: CodeSpace, { lists }: Generation): Float32Array {
  return Float32Array.from(lists, ({ blocks }) => {
    const squares = squaresOf(space, blocks.subarray(0, TELLING))
    return squares.length < FEW ? 0 : OFF * Math.min(limitOf(squares), Math.max(...squares)) + ROUNDING
  })
}

/** Squares of the lengths of what the codes in blocks tell, by their factors: the signs of about √(2 / π) of a length each. */
function squaresOf({ memory, shape }: CodeSpace, blocks: Uint32Array): number[] {
  const scale = (shape.bits * 2) / Math.PI
  const squares: number[] = []
  for (const block of blocks) {
    const tail = (block + 4 * shape.bits) >>> 2
    for (let at = tail; at < tail + BLOCK.slots; at++) {
      const isEmpty = memory.floats[at + BLOCK.g / 4] === -Infinity
      if (!isEmpty) squares.push(scale * memory.floats[at + BLOCK.f / 4]! ** 2)
    }
  }
  return squares
}
