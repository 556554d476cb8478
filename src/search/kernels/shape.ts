/** Where the parts of a block lie behind its codes, and those of a row behind its bytes: as in `assembly/layout.ts`. */
export const BLOCK = {
  f: 0,
  g: 128,
  norm: 256,
  row: 384,
  spread: 512,
  list: 516,
  generation: 520,
  /** Slots in use. */
  used: 524,
  tail: 544,
  slots: 32,
} as const
export const ROW = { scale: 0, error: 4, slot: 8, norm: 12, tail: 16, axes: 16 } as const
/** Directions of which a row has its shares behind its tail, where it has any. */
export const AXES = 8
export const CHUNK_ROWS = 1024

/** How vectors of one length are laid out in memory. */
export interface Shape {
  readonly dims: number
  /** Bytes of one quantized vector: a multiple of 16. */
  readonly bytes: number
  /** Bits of one code: a multiple of 32, at least 256, since shorter codes tell too little. */
  readonly bits: number
  /** After so many of them a scan may give a block up: a multiple of 32. */
  readonly early: number
  /** Bytes by which a row's nearest clusters are told from the others: a multiple of 16. */
  readonly part: number
  readonly rowSize: number
  readonly blockSize: number
}

export function shapeOf(dims: number, hasAxes = false): Shape {
  const bits = roundUp(Math.max(dims, 256), 32)
  const bytes = roundUp(dims, 16) < 256 ? roundUp(dims, 16) : bits
  return {
    dims,
    bytes,
    bits,
    early: bits < 384 ? 96 : 128,
    part: bytes < 256 ? bytes : roundUp(bytes / 2, 16),
    rowSize: bytes + ROW.tail + (hasAxes ? 4 * AXES : 0),
    blockSize: 4 * bits + BLOCK.tail,
  }
}

function roundUp(n: number, step: number): number {
  return Math.ceil(n / step) * step
}
