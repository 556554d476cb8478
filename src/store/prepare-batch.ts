import { toBase64url } from '../base/index'
import type { StoredBlock } from './block-store'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import { countKey, encodeLogEntry, entryKey, logKey, recordKey, termPrefixes, timePrefix, totalsKey } from './layout'
import { encodeRecord } from './record'
import { decodeTotals, encodeTotals, type Totals } from './totals'
import { readUint64, uint64 } from './uint64'

export interface PreparedBatch {
  /** The blocks that are new, each once, in the order given. */
  readonly added: readonly StoredBlock[]
  readonly operations: readonly BatchOperation[]
}

const empty = new Uint8Array(0)
const put = (key: Uint8Array, value: Uint8Array): BatchOperation => ({ type: 'put', key, value })

/** Everything that storing these blocks changes, as one batch. The caller lets no other writer in between. */
export async function prepareBatch(storage: KeyValueStorage, blocks: readonly StoredBlock[]): Promise<PreparedBatch> {
  const seen = new Set<string>()
  const distinct = blocks.filter(({ block }) => !seen.has(block.id) && seen.add(block.id))
  const [totals, ...records] = await storage.getMany([
    totalsKey(),
    ...distinct.map(({ block }) => recordKey(block.id)!),
  ])
  const added = distinct.filter((_, i) => records[i] === undefined)
  const before = decodeTotals(totals)
  const operations = added.flatMap((stored, i) => blockOperations(stored, before.seq + 1 + i))
  operations.push(put(totalsKey(), encodeTotals(grow(before, added))), ...(await countOperations(storage, added)))
  return { added, operations }
}

function blockOperations(stored: StoredBlock, seq: number): BatchOperation[] {
  const { id, time } = stored.block
  const entries = [timePrefix(), ...termPrefixes(stored.block)].map(prefix => put(entryKey(prefix, time, id), empty))
  return [put(recordKey(id)!, encodeRecord(stored)), put(logKey(seq), encodeLogEntry(time, id)), ...entries]
}

function grow(totals: Totals, added: readonly StoredBlock[]): Totals {
  return {
    blocks: totals.blocks + added.length,
    admitted: totals.admitted + added.filter(({ admitted }) => admitted).length,
    bytes: added.reduce((sum, { block }) => sum + block.bytes.length, totals.bytes),
    seq: totals.seq + added.length,
  }
}

async function countOperations(storage: KeyValueStorage, added: readonly StoredBlock[]): Promise<BatchOperation[]> {
  const growth = new Map<string, { key: Uint8Array; by: number }>()
  for (const key of added.flatMap(({ block }) => termPrefixes(block).map(countKey))) {
    const name = toBase64url(key)
    growth.set(name, { key, by: (growth.get(name)?.by ?? 0) + 1 })
  }
  const terms = [...growth.values()]
  const counts = await storage.getMany(terms.map(({ key }) => key))
  return terms.map(({ key, by }, i) => put(key, uint64(by + (counts[i] ? readUint64(counts[i], 0) : 0))))
}
