import { termsAsked } from '../../../store/for-adapters'
import {
  digestOf,
  type ErasedBlock,
  nextChain,
  type PutBlock,
  type PutOutcome,
  type StoredBlock,
} from '../../../store/index'
import { byteArrays } from './binary-array'
import { termBytes } from './block-terms'
import type { Transaction } from './database'
import { eraseRows, type Erasure } from './erase-rows'
import type { Head } from './head'
import { markLines } from './quarantine-rows'
import { findHoldings, readPutState } from './put-state'
import { type RetractionLimits, settlePut } from '../../../store/for-adapters'
import type { Tables } from './tables'
import type { VectorRows } from './vector-rows'
import { insertRows, type PlacedBlock, removeRows } from './write-rows'

export interface WrittenPut {
  readonly outcomes: readonly PutOutcome[]
  readonly added: readonly StoredBlock[]
  readonly erased: readonly ErasedBlock[]
}

/** Stores a batch, under the lock of `head`; whoever calls writes `head` back when something changed. */
export async function writePut(
  transaction: Transaction,
  tables: Tables,
  head: Head,
  blocks: readonly PutBlock[],
  { vectors, limits }: { readonly vectors: VectorRows; readonly limits: RetractionLimits },
): Promise<WrittenPut> {
  const found = await findHoldings(transaction, tables, blocks)
  const state = await readPutState(transaction, tables, head, blocks, found, limits)
  const { outcomes, added, retracted, waiting } = settlePut(blocks, state)
  const damaged = added.flatMap(({ block }) => found.get(block.id)?.seq ?? [])
  await removeRows(transaction, tables, head, damaged)
  await vectors.remove(transaction, head, damaged)
  // What is mended has a new place, which readers of the log that passed the old one come to.
  await markLines(transaction, tables, damaged, 'e')
  const waits = new Set(waiting)
  const placed = added.map(stored => ({ ...stored, seq: ++head.seq, waiting: waits.has(stored.block.id) }))
  await insertLog(transaction, tables, head, placed)
  await insertRows(transaction, tables, head, placed)
  await vectors.insert(transaction, head, placed)
  await endWaiting(transaction, tables, head, placed)
  const erasure: Erasure = { reason: 'retracted', digests: retracted.map(id => digestOf(id)!) }
  return { outcomes, added, erased: await eraseRows(transaction, tables, head, erasure, vectors) }
}

async function insertLog(
  transaction: Transaction,
  { log }: Tables,
  head: Head,
  placed: readonly PlacedBlock[],
): Promise<void> {
  if (placed.length === 0) return
  const digests = placed.map(({ block }) => digestOf(block.id)!)
  const chains = digests.map(digest => (head.chain = nextChain(head.chain, digest)))
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
       SELECT p.seq FROM ${term} t JOIN ${posting} p ON p.term = t.id WHERE t.value = ANY ($1::bytea[]))`,
    [byteArrays(placed.flatMap(({ block: { id } }) => termsAsked({ about: id })!.map(termBytes)))],
  )
}
