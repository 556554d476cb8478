/**
 * The kernels of the vector index, in AssemblyScript. All memory is laid out by the caller (`code-memory.ts`); nothing is
 * allocated here. One scan at a time.
 */
export { rotate } from './rotate'
export { add, addTimes, normalize, quantize, restore, subtract, writeCode } from './encode'
export { step, widen } from './query'
export { cosinesOf, nearest } from './nearest'
export { begin, scanBlocks, scanRows } from './scan'
export { aim, turn } from './estimate'
export { compact, compared, cosines, count, setFound, setMetric, setQuery, setRows, threshold } from './compare'
