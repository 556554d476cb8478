import { readUint48, writeUint48 } from './uint48'

/**
 * `held`: its record is there. `pruned`: only the id is (a stub). `erased`: it was here, and is retracted, expired or
 * below the floor. `lost`: its record was damaged, and set aside until the block comes again.
 */
export type BlockState = 'held' | 'pruned' | 'erased' | 'lost'

const STATES: readonly BlockState[] = ['held', 'pruned', 'erased', 'lost']
const ADMITTED = 4
const WAITING = 8

/** What an id leads to. */
export interface IdEntry {
  readonly seq: number
  readonly state: BlockState
  readonly admitted: boolean
  /** A retraction that is counted as waiting for its block. */
  readonly waiting: boolean
}

export const stateCode = (state: BlockState): number => STATES.indexOf(state)
export const stateOf = (code: number): BlockState | undefined => STATES[code]

/** Seq (6 bytes), flags: state, admitted, waiting. */
export function encodeIdEntry({ seq, state, admitted, waiting }: IdEntry): Uint8Array {
  const value = new Uint8Array(7)
  writeUint48(value, 0, seq)
  value[6] = stateCode(state) | (admitted ? ADMITTED : 0) | (waiting ? WAITING : 0)
  return value
}

/** `undefined` when it is not what was written. */
export function decodeIdEntry(value: Uint8Array): IdEntry | undefined {
  const flags = value[6]
  if (value.length !== 7 || flags === undefined) return undefined
  const seq = readUint48(value, 0)
  return { seq, state: STATES[flags & 3]!, admitted: (flags & ADMITTED) !== 0, waiting: (flags & WAITING) !== 0 }
}
