import {
  chainAfter,
  type Holding,
  type PutOutcome,
  type PutState,
  retractedBy,
  settlePut,
  type StoredBlock,
} from '../../../store/index'
import { byteArrays } from './binary-array'
import { digestOf, idOf, INDEXES, nameOf, retractedTerm } from './block-terms'
import type { Transaction } from './database'
import { eraseRows, type Erasure } from './erase-rows'
import type { Head } from './head'
import { storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'
import { insertRows, type PlacedBlock, removeRows } from './write-rows'
import type { VectorRows } from './vector-rows'
import type { ErasedBlock } from '../../../store/index'

export interface WrittenPut {
  readonly outcomes: readonly PutOutcome[]
  readonly added: readonly StoredBlock[]
  readonly erased: readonly ErasedBlock[]
}

/** A block of the batch, or one that it withdraws, as it is held. */
interface Found extends Holding {
  /** Of rows of `block`; a stub has none. */
  readonly seq?: number
}

/** Stores a batch, under the lock of `head`; whoever calls writes `head` back when something changed. */
export async function writePut(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  blocks: readonly StoredBlock[],
  vectors: VectorRows,
): Promise<WrittenPut> {
  const found = await findHoldings(transaction, tables, blocks)
  const state = await stateOf(transaction, tables, head, blocks, found)
  const { outcomes, added, retracted, waiting } = settlePut(blocks, state)
  const damaged = added.flatMap(({ block }) => found.get(block.id)?.seq ?? [])
  await removeRows(transaction, tables, head, damaged)
  await vectors.remove(transaction, head, damaged)
  const waits = new Set(waiting)
  const placed = added.map(stored => place(stored, head, found, waits))
  await insertLog(
    transaction,
    tables,
    head,
    placed.filter(({ block }) => found.get(block.id) === undefined),
  )
  await insertRows(transaction, tables, head, placed)
  await vectors.insert(transaction, head, placed)
  await endWaiting(transaction, tables, head, placed)
  const erasure: Erasure = { reason: 'retracted', digests: retracted.map(id => digestOf(id)!) }
  return { outcomes, added, erased: await eraseRows(transaction, tables, head, erasure, vectors) }
}

function place(
  stored: StoredBlock,
  head: Head,
  found: ReadonlyMap<string, Found>,
  waits: ReadonlySet<string>,
): PlacedBlock {
  const seq = found.get(stored.block.id)?.seq ?? ++head.seq
  return { ...stored, seq, waiting: waits.has(stored.block.id) }
}

/** The ids of a batch and those that its retractions withdraw. */
async function findHoldings(
  transaction: Transaction,
  tables: Tables,
  blocks: readonly StoredBlock[],
): Promise<Map<string, Found>> {
  const own = new Set(blocks.map(({ block }) => block.id))
  const targets = blocks.map(({ block }) => retractedBy(block)).filter(id => id !== undefined)
  const digests = byteArrays([...new Set([...own, ...targets])].map(id => digestOf(id)!))
  const { block, term, stub } = tables
  const rows = await transaction.query(
    `SELECT ${storedColumns(tables)}, k.value AS kind, a.value AS author FROM ${block} b
       JOIN ${term} k ON k.id = b.kind JOIN ${term} a ON a.id = b.author WHERE b.digest = ANY ($1::bytea[])`,
    [digests],
  )
  const stubs = await transaction.query(`SELECT digest, kind, author FROM ${stub} WHERE digest = ANY ($1::bytea[])`, [
    digests,
  ])
  const decoder = new TextDecoder()
  const found = new Map<string, Found>()
  for (const row of [...rows, ...stubs]) {
    const [id, kind, author] = [idOf(row.digest as Uint8Array), row.kind, row.author] as [
      string,
      Uint8Array,
      Uint8Array,
    ]
    const names = { kind: decoder.decode(kind), author: decoder.decode(author) }
    if (row.seq === undefined) found.set(id, { state: 'stub', ...names })
    else found.set(id, { state: !own.has(id) || isIntact(row) ? 'whole' : 'damaged', ...names, seq: Number(row.seq) })
  }
  return found
}

function isIntact(row: Parameters<typeof storedOf>[0]): boolean {
  try {
    return storedOf(row) !== undefined
  } catch {
    return false
  }
}

async function stateOf(
  transaction: Transaction,
  { block: table, term, log }: Tables,
  head: Head,
  blocks: readonly StoredBlock[],
  found: ReadonlyMap<string, Found>,
): Promise<PutState> {
  const tombstones = blocks.map(({ block }) => retractedTerm(block.id, block.author))
  const retractions = blocks.map(({ block }) => block).filter(block => retractedBy(block) !== undefined)
  const retracted = await transaction.query(
    `SELECT value FROM ${term} WHERE index = '${INDEXES.retracted}' AND value = ANY ($1::bytea[])`,
    [byteArrays(tombstones.map(({ value }) => value))],
  )
  const targets = byteArrays(retractions.map(block => digestOf(retractedBy(block)!)!))
  const asked = retractions.length > 0
  const erased = asked
    ? await transaction.query(`SELECT digest FROM ${log} WHERE state = 'e' AND digest = ANY ($1::bytea[])`, [targets])
    : []
  const waiting = asked
    ? await transaction.query(
        `SELECT a.value, count(*) FROM ${table} b JOIN ${term} a ON a.id = b.author
          WHERE b.waiting AND a.index = '${INDEXES.author}' AND a.value = ANY ($1::bytea[]) GROUP BY a.value`,
        [byteArrays(retractions.map(({ author }) => new TextEncoder().encode(author)))],
      )
    : []
  const withdrawn = new Set(
    retracted.map(({ value }) => nameOf({ index: INDEXES.retracted, value: value as Uint8Array })),
  )
  const gone = new Set(erased.map(({ digest }) => idOf(digest as Uint8Array)))
  const decoder = new TextDecoder()
  const counts = new Map(waiting.map(({ value, count }) => [decoder.decode(value as Uint8Array), Number(count)]))
  return {
    floor: head.floor,
    held: id => found.get(id),
    wasErased: id => gone.has(id),
    isRetracted: (id, author) => withdrawn.has(nameOf(retractedTerm(id, author))),
    waiting: author => (author === undefined ? head.waiting : (counts.get(author) ?? 0)),
  }
}

async function insertLog(
  transaction: Transaction,
  { log }: Tables,
  head: Head,
  placed: readonly PlacedBlock[],
): Promise<void> {
  if (placed.length === 0) return
  const digests = placed.map(({ block }) => digestOf(block.id)!)
  const chains = digests.map(digest => (head.chain = chainAfter(head.chain, digest)))
  await transaction.execute(
    `INSERT INTO ${log} (seq, digest, time, chain, state)
     SELECT *, 'h' FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[])`,
    [placed.map(({ seq }) => seq), byteArrays(digests), placed.map(({ block }) => block.time), byteArrays(chains)],
  )
}

/** Retractions by others that waited for a block wait no more once it is here. */
async function endWaiting(
  transaction: Transaction,
  { block, posting, term }: Tables,
  head: Head,
  placed: readonly PlacedBlock[],
) {
  if (head.waiting === 0) return
  head.waiting -= await transaction.execute(
    `UPDATE ${block} SET waiting = false WHERE waiting AND seq IN (
       SELECT p.seq FROM ${term} t JOIN ${posting} p ON p.term = t.id
        WHERE t.index = '${INDEXES.about}' AND t.value = ANY ($1::bytea[]))`,
    [byteArrays(placed.map(({ block: { id } }) => digestOf(id)!))],
  )
}
