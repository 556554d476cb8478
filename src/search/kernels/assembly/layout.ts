/**
 * Where the parts of a block of 32 codes lie behind its `4 * bits` bytes of code: factors, norms and row numbers, one of each
 * a slot, then the largest spread of the estimator in the block. `kernels.ts` knows the same numbers.
 */
export const BLOCK_F: usize = 0
export const BLOCK_G: usize = 128
export const BLOCK_NORM: usize = 256
export const BLOCK_ROW: usize = 384
export const BLOCK_E: usize = 512

/** Where the parts of a row lie behind its bytes. */
export const ROW_SCALE: usize = 0
export const ROW_ERROR: usize = 4
export const ROW_NORM: usize = 12
/** Eight floats, where there are axes. */
export const ROW_AXES: usize = 16

/** Rows lie in chunks of 1,024, found through a table of addresses. */
export const CHUNK_BITS: u32 = 10

/** 1.5 × 2^23: added to a small number it leaves that number rounded, halves to even, in the lowest bits. */
export const ROUNDING: f32 = 12_582_912
