import type { ErasedBlock } from './block-store'

/** Whether the id of a block that was erased so stays as a stub: the reconciled set is what it was. */
export const leavesStub = (reason: ErasedBlock['reason']): boolean => reason === 'pruned' || reason === 'withdrawn'
