/**
 * The kernels of the vector index, in AssemblyScript. All memory is laid out by the caller (`code-memory.ts`); nothing is
 * allocated here. One scan at a time.
 */
export { rotate } from './rotate'
export { normalize, quantize, restore, subtract, writeCode } from './encode'
export { widen } from './query'
export { begin, scanBlocks, scanRows } from './scan'
export { aim, turn } from './estimate'
export {
  compact,
  compared,
  cosines,
  cosinesOf,
  count,
  setFound,
  setMetric,
  setQuery,
  setRows,
  threshold,
} from './compare'
