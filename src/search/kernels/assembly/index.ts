/**
 * The kernels of the vector index, in AssemblyScript. All memory is laid out by the caller (`code-memory.ts`); nothing is
 * allocated here. One scan at a time.
 */
export { rotate } from './rotate'
export { quantize, restore, subtract, writeCode } from './encode'
export { makeTables, widen } from './query'
export {
  begin,
  compact,
  compared,
  cosines,
  cosinesOf,
  count,
  scanBlocks,
  scanRows,
  setCodes,
  setFound,
  setMetric,
  setQuery,
  setRows,
  threshold,
} from './scan'
