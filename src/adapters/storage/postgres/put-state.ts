import { COUNTED } from '../../../store/for-adapters'
import { digestOf, retracts, type StoredBlock } from '../../../store/index'
import { byteArrays } from './binary-array'
import { idOf, termBytes, termName, termText } from './block-terms'
import type { Transaction } from './database'
import type { Head } from './head'
import type { Row } from './pool'
import { type Holding, type PutState, type RetractionLimits } from '../../../store/for-adapters'
import { retractedBy } from '../../../store/index'
import { storedColumns, storedOf } from './stored-row'
import type { Tables } from './tables'

/** A block of a batch, or one that it withdraws, as it is held. */
export interface Found extends Holding {
  /** Of rows of `block`; a stub has none. */
  readonly seq?: number
}

/** The ids of a batch and those that its retractions withdraw, as far as they are held. */
export async function findHoldings(
  transaction: Transaction,
  tables: Tables,
  blocks: readonly StoredBlock[],
): Promise<Map<string, Found>> {
  const own = new Set(blocks.map(({ block }) => block.id))
  const targets = blocks.map(({ block }) => retractedBy(block)).filter(id => id !== undefined)
  const digests = byteArrays([...new Set([...own, ...targets])].map(id => digestOf(id)!))
  const { block, log, term, stub } = tables
  const rows = await transaction.query(
    `SELECT ${storedColumns(tables)}, k.value AS kind, a.value AS author FROM ${block} b
       JOIN ${term} k ON k.id = b.kind JOIN ${term} a ON a.id = b.author WHERE b.digest = ANY ($1::bytea[])`,
    [digests],
  )
  const others = `SELECT digest, kind, author, NULL::bigint AS seq FROM ${stub} WHERE digest = ANY ($1::bytea[])
    UNION ALL SELECT digest, NULL, NULL, max(seq) FROM ${log} WHERE state = 'l' AND digest = ANY ($1::bytea[]) GROUP BY digest`
  const found = new Map<string, Found>()
  for (const { digest, kind, author, seq } of await transaction.query(others, [digests])) {
    const id = idOf(digest as Uint8Array)
    // Of what was lost nothing is known but its place.
    if (seq === null) found.set(id, { state: 'stub', kind: termText(kind), author: termText(author) })
    else if (!found.has(id)) found.set(id, { state: 'damaged', kind: '', author: '', seq: Number(seq) })
  }
  for (const row of rows) {
    const id = idOf(row.digest as Uint8Array)
    const state = !own.has(id) || isIntact(row) ? 'whole' : 'damaged'
    found.set(id, { state, kind: termName(row.kind), author: termName(row.author), seq: Number(row.seq) })
  }
  return found
}

function isIntact(row: Row): boolean {
  try {
    return storedOf(row) !== undefined
  } catch {
    return false
  }
}

/** What `settlePut` asks, under the lock of `head`. */
export async function readPutState(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  blocks: readonly StoredBlock[],
  found: ReadonlyMap<string, Found>,
  limits: RetractionLimits,
): Promise<PutState> {
  const tombstones = blocks.map(({ block: { id, author } }) => retracts(id, author))
  const rows = await transaction.query(`SELECT value FROM ${tables.term} WHERE value = ANY ($1::bytea[])`, [
    byteArrays(tombstones.map(termBytes)),
  ])
  const withdrawn = new Set(rows.map(({ value }) => termText(value)))
  const retractions = blocks.map(({ block }) => block).filter(block => retractedBy(block) !== undefined)
  const targets = retractions.map(block => retractedBy(block)!)
  const gone = await findErased(transaction, tables, targets)
  const counts = await countWaiting(
    transaction,
    tables,
    retractions.map(({ author }) => author),
  )
  return {
    limits,
    floor: head.floor,
    held: id => found.get(id),
    wasErased: id => gone.has(id),
    isRetracted: (id, author) => withdrawn.has(retracts(id, author)),
    waiting: author => (author === undefined ? head.waiting : (counts.get(author) ?? 0)),
  }
}

async function findErased(transaction: Transaction, { log }: Tables, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const sql = `SELECT digest FROM ${log} WHERE state = 'e' AND digest = ANY ($1::bytea[])`
  const rows = await transaction.query(sql, [byteArrays(ids.map(id => digestOf(id)!))])
  return new Set(rows.map(({ digest }) => idOf(digest as Uint8Array)))
}

async function countWaiting(
  transaction: Transaction,
  { block, term }: Tables,
  authors: readonly string[],
): Promise<Map<string, number>> {
  if (authors.length === 0) return new Map()
  const rows = await transaction.query(
    `SELECT a.value, count(*) FROM ${block} b JOIN ${term} a ON a.id = b.author
      WHERE b.waiting AND a.value = ANY ($1::bytea[]) GROUP BY a.value`,
    [byteArrays([...new Set(authors)].map(author => termBytes(COUNTED.author + author)))],
  )
  return new Map(rows.map(({ value, count }) => [termName(value), Number(count)]))
}
