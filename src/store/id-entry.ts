import { checkSum, sum, SUM_BYTES } from './summed'
import { readUint48, writeUint48 } from './uint48'

/**
 * `held`: its record is there. `pruned`: only the id is (a stub). `erased`: it was here, and is retracted, expired or
 * below the floor. `lost`: its record was damaged, and set aside until the block comes again.
 */
export type BlockState = 'held' | 'pruned' | 'erased' | 'lost'

const STATES: readonly BlockState[] = ['held', 'pruned', 'erased', 'lost']
const ADMITTED = 4
const WAITING = 8
const COUNTED = 16

/** What an id leads to. */
export interface IdEntry {
  readonly seq: number
  readonly state: BlockState
  readonly admitted: boolean
  /** A retraction that is counted as waiting for its block. */
  readonly waiting: boolean
  /** Of a lost block: indexes and counts still have it, as `admitted` says. */
  readonly counted?: boolean
}

export const stateCode = (state: BlockState): number => STATES.indexOf(state)
export const stateOf = (code: number): BlockState | undefined => STATES[code]

/** CRC-32, seq (6 bytes), flags: state, admitted, waiting, counted. */
const ENTRY_BYTES = SUM_BYTES + 7
const NOTHING = new Uint8Array(0)

export function encodeIdEntry(digest: Uint8Array, entry: IdEntry): Uint8Array {
  const { seq, state, admitted, waiting, counted } = entry
  const value = new Uint8Array(ENTRY_BYTES)
  writeUint48(value, SUM_BYTES, seq)
  value[SUM_BYTES + 6] =
    stateCode(state) | (admitted ? ADMITTED : 0) | (waiting ? WAITING : 0) | (counted ? COUNTED : 0)
  return sum(value, digest)
}

/** `undefined` for no value. Throws `storage` with the field `ids` when it is not what was written. */
export function decodeIdEntry(digest: Uint8Array, value: Uint8Array | undefined): IdEntry | undefined {
  if (value === undefined) return undefined
  // A record of the same block has the same sum.
  checkSum(value.length === ENTRY_BYTES ? value : NOTHING, digest, 'ids')
  const flags = value[SUM_BYTES + 6]!
  const seq = readUint48(value, SUM_BYTES)
  const is = (flag: number) => (flags & flag) !== 0
  const counted = is(COUNTED) && { counted: true }
  return { seq, state: STATES[flags & 3]!, admitted: is(ADMITTED), waiting: is(WAITING), ...counted }
}
