import { attempt, concat, CosmicError } from '../base/index'
import type { KeyValueStorage } from './key-value-storage'
import { logEnd, logKey, recordsRange, seqOf, totalsKey } from './layout'
import { outlineRecord } from './record'
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

const NOTHING: Totals = { blocks: 0, admitted: 0, bytes: 0, seq: 0 }

export function encodeTotals({ blocks, admitted, bytes, seq }: Totals): Uint8Array {
  return concat(...[blocks, admitted, bytes, seq].map(uint64))
}

/** Throws `storage` when the sums are not what was written. */
export function decodeTotals(value: Uint8Array = encodeTotals(NOTHING)): Totals {
  if (value.length !== 32) throw new CosmicError({ code: 'storage', field: 'totals', hint: 'the store is damaged' })
  const [blocks = 0, admitted = 0, bytes = 0, seq = 0] = [0, 8, 16, 24].map(offset => readUint64(value, offset))
  return { blocks, admitted, bytes, seq }
}

/**
 * Counts anew, by walking the log and the records, when the sums are damaged or end elsewhere than the log does: a next
 * entry at a wrong place could replace another. False when there was nothing to mend.
 */
export async function mendTotals(storage: KeyValueStorage): Promise<boolean> {
  const value = await storage.get(totalsKey())
  const found = attempt(() => decodeTotals(value))
  const seq = await lastSeq(storage)
  if (found.ok && found.value.seq === seq) return false
  const totals = encodeTotals({ ...(await countRecords(storage)), seq })
  await storage.batch([{ type: 'put', key: totalsKey(), value: totals }])
  return true
}

async function lastSeq(storage: KeyValueStorage): Promise<number> {
  for await (const [key] of storage.range({ gte: logKey(0), lt: logEnd(), reverse: true })) {
    const seq = seqOf(key)
    if (seq !== undefined) return seq
  }
  return 0
}

async function countRecords(storage: KeyValueStorage): Promise<Omit<Totals, 'seq'>> {
  let { blocks, admitted, bytes } = NOTHING
  for await (const [, record] of storage.range(recordsRange())) {
    const counts = outlineRecord(record)
    blocks++
    admitted += counts.admitted
    bytes += counts.bytes
  }
  return { blocks, admitted, bytes }
}
