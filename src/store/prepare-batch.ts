import { toBase64url } from '../base/index'
import type { StoredBlock } from './block-store'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import {
  countKey,
  decodeCount,
  encodeLogEntry,
  entryKey,
  logKey,
  recordKey,
  termPrefixes,
  timePrefix,
  totalsKey,
} from './layout'
import { encodeRecord, isIntact, outlineRecord } from './record'
import { decodeTotals, encodeTotals, type Totals } from './totals'
import { uint64 } from './uint64'

export interface PreparedBatch {
  /** The blocks that were not held, each once, in the order given: new ones, and those whose record was damaged. */
  readonly added: readonly StoredBlock[]
  readonly operations: readonly BatchOperation[]
}

/** A block that the store cannot give back, with the record that is no longer whole. */
interface Lacking {
  readonly stored: StoredBlock
  readonly record: Uint8Array | undefined
  /** It was stored before: log, counts and totals have it. */
  readonly logged: boolean
}

const empty = new Uint8Array(0)
const put = (key: Uint8Array, value: Uint8Array): BatchOperation => ({ type: 'put', key, value })

/**
 * Everything that storing these blocks changes, as one batch. The caller lets no other writer in between. A damaged
 * record is written anew, with its index entries, but neither logged nor counted a second time.
 */
export async function prepareBatch(storage: KeyValueStorage, blocks: readonly StoredBlock[]): Promise<PreparedBatch> {
  const lacking = await findLacking(storage, blocks)
  const added = lacking.map(({ stored }) => stored)
  if (added.length === 0) return { added, operations: [] }
  const fresh = lacking.filter(({ logged }) => !logged).map(({ stored }) => stored)
  const before = decodeTotals(await storage.get(totalsKey()))
  const operations = [
    ...added.flatMap(recordOperations),
    ...fresh.map(({ block: { time, id } }, i) => put(logKey(before.seq + 1 + i), encodeLogEntry(time, id))),
    put(totalsKey(), encodeTotals(grow(before, lacking))),
    ...(await countOperations(storage, fresh)),
  ]
  return { added, operations }
}

async function findLacking(storage: KeyValueStorage, blocks: readonly StoredBlock[]): Promise<Lacking[]> {
  const seen = new Set<string>()
  const distinct = blocks.filter(({ block }) => !seen.has(block.id) && seen.add(block.id))
  const keys = distinct.flatMap(({ block: { id, time } }) => [recordKey(id)!, entryKey(timePrefix(), time, id)])
  const found = await storage.getMany(keys)
  return distinct.flatMap((stored, i) => {
    const [record, entry] = [found[2 * i], found[2 * i + 1]]
    if (record && isIntact(stored.block.id, record)) return []
    return [{ stored, record, logged: record !== undefined || entry !== undefined }]
  })
}

function recordOperations(stored: StoredBlock): BatchOperation[] {
  const { id, time } = stored.block
  const entries = [timePrefix(), ...termPrefixes(stored.block)].map(prefix => put(entryKey(prefix, time, id), empty))
  return [put(recordKey(id)!, encodeRecord(stored)), ...entries]
}

function grow(totals: Totals, lacking: readonly Lacking[]): Totals {
  const fresh = lacking.filter(({ logged }) => !logged).map(({ stored }) => stored.block)
  return {
    blocks: totals.blocks + fresh.length,
    admitted: Math.max(0, totals.admitted + sum(lacking.map(admittedGrowth))),
    bytes: totals.bytes + sum(fresh.map(({ bytes }) => bytes.length)),
    seq: totals.seq + fresh.length,
  }
}

/** A block that comes again may be judged otherwise than its damaged record says; where nothing is left of it, alike. */
function admittedGrowth({ stored, record, logged }: Lacking): number {
  const now = stored.admitted ? 1 : 0
  if (!logged) return now
  return record ? now - outlineRecord(record).admitted : 0
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0)

async function countOperations(storage: KeyValueStorage, added: readonly StoredBlock[]): Promise<BatchOperation[]> {
  const growth = new Map<string, { key: Uint8Array; by: number }>()
  for (const key of added.flatMap(({ block }) => termPrefixes(block).map(countKey))) {
    const name = toBase64url(key)
    growth.set(name, { key, by: (growth.get(name)?.by ?? 0) + 1 })
  }
  const terms = [...growth.values()]
  const counts = await storage.getMany(terms.map(({ key }) => key))
  return terms.map(({ key, by }, i) => put(key, uint64(by + decodeCount(counts[i]))))
}
