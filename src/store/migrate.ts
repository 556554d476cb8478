import { crc32 } from '#platform'
import { attempt, Cid, concat, type CosmicError, type ErrorCode, utf8 } from '../base/index'
import { restoreVerified } from '../validate/index'
import type { StoredBlock } from './block-store'
import type { BlockWriter } from './block-writer'
import type { BatchOperation, KeyValueStorage } from './key-value-storage'
import { FORMAT, formatKey, sidePrefix, stateKey } from './layout'
import { damaged } from './record'
import { emptyState, encodeState } from './store-state'
import { readUint32 } from './uint48'
import { readUint64 } from './uint64'

export const OLD_FORMAT = 'cosmic-embeddings/store/1'
/** While a store of format 1 is carried over: what is left of it is found by its keys. */
export const MIGRATING = 'cosmic-embeddings/store/1-2'

/** Blocks carried over in one batch, and keys deleted in one. */
const BATCH = 256

/** Spaces of format 1 that are made anew: totals, counts, and the indexes time, author, kind, model, tag, about. */
const DERIVED = ['s', 'c', 't', 'a', 'k', 'm', 'g', 'w']

/**
 * Carries a store of format 1 over, in the order of its log. A block's old record and log entry are deleted in the batch
 * that writes it anew, so that a run that was cut short goes on where it stopped, and nothing is lost or doubled.
 *
 * | key in format 1 | value |
 * |---|---|
 * | `b` id | CRC-32 (4), flags (bit 0: admitted), length of the code, code, envelope |
 * | `l` seq (8) | time (8), id as text |
 * | `q` … | the queue of deferred blocks, which other rooms now keep in their own space |
 */
export async function migrate(
  storage: KeyValueStorage,
  epoch: Uint8Array,
  writer: BlockWriter,
  onDamage: ((error: CosmicError) => void) | undefined,
): Promise<void> {
  await begin(storage, epoch)
  for (const space of ['l', 'b']) {
    for (let page = await read(storage, space); page.length > 0; page = await read(storage, space)) {
      const carried = await carry(storage, space, page)
      for (const id of carried.lost) onDamage?.(damaged(id.id))
      await writer.carry(carried.blocks, carried.lost, carried.operations)
    }
  }
  await moveQueue(storage)
  for (const space of DERIVED) {
    for (let page = await read(storage, space); page.length > 0; page = await read(storage, space)) {
      await storage.batch(page.map(([key]) => ({ type: 'delete', key })))
    }
  }
  await storage.batch([{ type: 'put', key: formatKey(), value: utf8(FORMAT) }])
}

async function begin(storage: KeyValueStorage, epoch: Uint8Array): Promise<void> {
  if ((await storage.get(stateKey())) !== undefined) return
  await storage.batch([
    { type: 'put', key: formatKey(), value: utf8(MIGRATING) },
    { type: 'put', key: stateKey(), value: encodeState(emptyState(epoch)) },
  ])
}

type Entry = readonly [key: Uint8Array, value: Uint8Array]

async function read(storage: KeyValueStorage, space: string): Promise<Entry[]> {
  const page: Entry[] = []
  const gte = utf8(space)
  for await (const entry of storage.range({ gte, lt: Uint8Array.of(gte[0]! + 1), limit: BATCH })) page.push(entry)
  return page
}

interface Lost {
  readonly id: string
  readonly time: number
}

/** What comes of a page of the log, or of records that the log lost. */
async function carry(storage: KeyValueStorage, space: string, page: readonly Entry[]) {
  const operations: BatchOperation[] = page.map(([key]) => ({ type: 'delete', key }))
  const entries = page.flatMap(([key, value]) => (space === 'l' ? (readLogEntry(value) ?? []) : readRecordKey(key)))
  const keys = entries.map(({ id }) => utf8(`b${id}`))
  const records = await storage.getMany(keys)
  const blocks: StoredBlock[] = []
  const lost: Lost[] = []
  for (const [i, entry] of entries.entries()) {
    const stored = records[i] && readOldRecord(entry.id, records[i])
    if (stored) blocks.push(stored)
    else if (space === 'l') lost.push(entry)
    operations.push({ type: 'delete', key: keys[i]! })
  }
  return { blocks, lost, operations }
}

function readLogEntry(value: Uint8Array): Lost | undefined {
  const time = attempt(() => readUint64(value, 0))
  const id = String.fromCharCode(...value.subarray(8))
  return time.ok && Cid.parse(id).ok ? { id, time: time.value } : undefined
}

const readRecordKey = (key: Uint8Array): Lost => ({ id: String.fromCharCode(...key.subarray(1)), time: 0 })

/** `undefined` when it is not what was written. */
export function readOldRecord(id: string, record: Uint8Array): StoredBlock | undefined {
  if (record.length < 6 || readUint32(record, 0) !== crc32(record.subarray(4))) return undefined
  const start = 6 + record[5]!
  const code = String.fromCharCode(...record.subarray(6, start)) as ErrorCode | ''
  const restored = restoreVerified(record.slice(start))
  if (!restored.ok || restored.value.id !== id) return undefined
  return { block: restored.value, admitted: record[4] === 1, ...(code !== '' && { code }) }
}

async function moveQueue(storage: KeyValueStorage): Promise<void> {
  const page = await read(storage, 'q')
  await storage.batch(
    page.flatMap(([key, value]) => [
      { type: 'put', key: concat(sidePrefix(), key), value },
      { type: 'delete', key },
    ]),
  )
  if (page.length === BATCH) await moveQueue(storage)
}
