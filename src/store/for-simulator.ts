// The door for the simulator's disk, which is a storage of its own.
export { checkBatch, checkKeys, checkRange } from './check-storage-call'
