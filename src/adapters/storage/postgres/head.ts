import { random } from '#platform'
import { toHex } from '../../../base/index'
import { EPOCH_BYTES } from '../../../store/for-adapters'
import { type LogCursor } from '../../../store/index'
import { bytea, toBytes } from './binary-array'
import type { Row } from './pool'
import type { Transaction } from './database'
import type { Tables } from './tables'

/** Whether vectors are written to tables of their own: not yet, those of older blocks still on their way, or all. */
export type VectorState = 'none' | 'filling' | 'ready'

/** The one row of `store`, which a writer locks, changes and writes back. */
export interface Head {
  epoch: Uint8Array
  seq: number
  chain: Uint8Array
  change: number
  floor: number
  blocks: number
  admitted: number
  bytes: number
  pruned: number
  /** Retractions that came before their blocks. */
  waiting: number
  /** Parts of the records that hold erased bytes. */
  erased: number[]
  vectors: VectorState
}

/** How writers tell each other: on which channel, and who it was. */
export interface Notice {
  readonly channel: string
  readonly writer: string
}

const COUNTS = ['seq', 'change', 'floor', 'blocks', 'admitted', 'bytes', 'pruned', 'waiting'] as const
const COLUMNS = `epoch, chain, erased, vectors, ${COUNTS.join(', ')}`

/** Reads the row; `lock` keeps other writers out until the transaction ends, so that their order is that of commits. */
export async function readHead(
  transaction: Pick<Transaction, 'query'>,
  { store }: Tables,
  { lock = false } = {},
): Promise<Head> {
  const [row] = await transaction.query(`SELECT ${COLUMNS} FROM ${store} ${lock ? 'FOR UPDATE' : ''}`)
  return headOf(row!)
}

function headOf(row: Row): Head {
  const counts = Object.fromEntries(COUNTS.map(name => [name, Number(row[name])]))
  const { epoch, chain, erased, vectors } = row
  const bytes = { epoch: toBytes(epoch), chain: toBytes(chain) }
  return { ...counts, ...bytes, erased: (erased as unknown[]).map(Number), vectors } as unknown as Head
}

/** Writes the row back and tells who listens that there is something new. */
export async function writeHead(
  transaction: Transaction,
  { store }: Tables,
  head: Head,
  notice: Notice,
): Promise<void> {
  const { epoch, chain, erased, vectors } = head
  const assignments = COUNTS.map((name, i) => `${name} = $${i + 7}`).join(', ')
  await transaction.query(
    `UPDATE ${store} SET epoch = $1, chain = $2, erased = $3, vectors = $4, ${assignments} RETURNING pg_notify($5, $6)`,
    [bytea(epoch), bytea(chain), erased, vectors, notice.channel, notice.writer, ...COUNTS.map(name => head[name])],
  )
}

/** A log that others take for another one, once the row is written back. */
export function renewEpoch(head: Head): void {
  head.epoch = random.bytes(EPOCH_BYTES)
}

export function positionOf({ epoch, seq, chain }: Pick<Head, 'epoch' | 'seq' | 'chain'>): LogCursor {
  return { epoch: toHex(epoch), seq, chain: toHex(chain) }
}
