import { concat, CosmicError } from '../base/index'
import { readUint64, uint64 } from './uint64'

/** Sums over the whole store, kept beside the data so that nothing is scanned for them. */
export interface Totals {
  readonly blocks: number
  readonly admitted: number
  /** Envelope bytes. */
  readonly bytes: number
  /** Seq of the newest log entry; 0 when there is none. */
  readonly seq: number
}

export function encodeTotals({ blocks, admitted, bytes, seq }: Totals): Uint8Array {
  return concat(...[blocks, admitted, bytes, seq].map(uint64))
}

export function decodeTotals(value: Uint8Array | undefined): Totals {
  if (value === undefined) return { blocks: 0, admitted: 0, bytes: 0, seq: 0 }
  if (value.length !== 32) throw new CosmicError({ code: 'storage', field: 'totals', hint: 'the store is damaged' })
  const [blocks, admitted, bytes, seq] = [0, 8, 16, 24].map(offset => readUint64(value, offset)) as [
    number,
    number,
    number,
    number,
  ]
  return { blocks, admitted, bytes, seq }
}
