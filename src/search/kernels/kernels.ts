/** Addresses are byte offsets into `memory`; every argument is a whole number unless it is named a float. */
export interface Kernels {
  readonly memory: KernelMemory
  /** Bytes of codes or of rows that they scan in some ten milliseconds of one thread; 64 MiB where it is not said. */
  readonly slice?: number
  /** Rotates `n` floats in place; see `rotation.ts`. */
  rotate(at: number, n: number, power: number, signs: number, rounds: number): void
  /** Divides `n` floats by their length, which it answers: 0, and they are as before, where that is no usual number. */
  normalize(at: number, n: number): number
  /** `n` floats to signed bytes, their scale and their error. */
  quantize(at: number, n: number, row: number): void
  /** The floats that a row's `n` bytes stand for. */
  restore(row: number, n: number, at: number): void
  /** Adds `n` floats to those at `to`. */
  add(at: number, n: number, to: number): void
  /** Adds `times`, a float, of `n` floats to those at `to`. */
  addTimes(at: number, times: number, n: number, to: number): void
  /** `to = a − b`; answers `a · b`. */
  subtract(a: number, b: number, n: number, to: number): number
  /** The signs of `bits` floats into slot `lane` of a block; `g` and `norm` are floats. */
  writeCode(
    at: number,
    bits: number,
    block: number,
    lane: number,
    g: number,
    norm: number,
    row: number,
    centroid: number,
    mean: number,
  ): void
  /** `n` floats to 16-bit numbers; answers their scale. */
  widen(at: number, n: number, to: number): number
  setRows(chunkTable: number, bytes: number, rowSize: number): void
  /**
   * A query as 16-bit numbers; `scale` and `shared`, its product with what the rows are kept as differences from, are floats. `axes`: where
   * its products with the axes are; 0 where rows have no shares of any.
   */
  setQuery(wide: number, scale: number, shared: number, axes: number): void
  /** Turns to the codes of a generation; `firstDeviations` is a float. Answers the product of query and mean. */
  aim(
    query: number,
    mean: number,
    bits: number,
    first: number,
    difference: number,
    tables: number,
    firstDeviations: number,
  ): number
  /** Turns to a list of it: two floats. */
  turn(reach: number, common: number): void
  setMetric(isCosine: boolean, slope: number, bend: number): void
  begin(k: number, least: number, doubt: number, slack: number, heap: number, filter: number): void
  setFound(at: number, capacity: number): void
  compact(more: number): boolean | number
  scanBlocks(list: number, from: number, to: number, bits: number): number
  scanRows(bitmap: number, from: number, to: number): number
  /** Row numbers at `list` become the cosines of the query with them. */
  cosines(list: number, n: number): void
  cosinesOf(firstRow: number, n: number, to: number): void
  /** Which of `n` such rows is nearest, or nearly so: all are compared by their first `part` bytes, and the best of these whole. */
  nearest(firstRow: number, n: number, part: number): number
  /** What one level of the query's tables stands for, since `aim`. */
  readonly step: { readonly value: number }
  readonly count: { readonly value: number }
  readonly compared: { readonly value: number }
  readonly threshold: { readonly value: number }
}

/** `WebAssembly.Memory`, or the scalar kernels' own. `grow` takes pages of 64 KiB. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** Which code compares vectors. */
export type KernelName = 'wasm-relaxed-simd' | 'wasm-simd' | 'scalar'

/** Makes kernels with a memory of their own, one for each set of vectors. */
export interface KernelSource {
  readonly name: KernelName
  make(): Promise<Kernels>
}

/** What SIMD kernels scan in some ten milliseconds, in bytes. */
export const SLICE = 1 << 26

/** Numbers of the rows that `rowsPerSlice` speaks of; of longer rows it takes fewer. */
const USUAL = 384

/** Rows that are encoded, sorted into clusters or learned from between two pauses: 128, or 16 in plain JavaScript; fewer long ones. */
export function rowsPerSlice({ slice = SLICE }: Pick<Kernels, 'slice'>, dims: number): number {
  return Math.max(1, Math.floor((Math.max(16, slice >>> 19) * USUAL) / Math.max(USUAL, dims)))
}
