import { CosmicError } from '../../../base/index'
import { CHAIN_BYTES } from '../../../store/index'
import type { Database, Transaction } from './database'
import type { Tables } from './tables'

/** What the row of `store` says that the schema holds. */
export const FORMAT = 'cosmic-embeddings/postgres'

/** Records lie in so many tables, so that erased bytes can be driven out of the files a part at a time. */
export const RECORD_PARTS = 16

type Migration = (tables: Tables) => readonly string[]

/**
 * Each brings a schema one version further; a published one is never changed. Digests and terms are byte strings, so that
 * no collation orders them; envelopes and the values of `side` are not compressed, since vectors do not shrink.
 */
const MIGRATIONS: readonly Migration[] = [
  ({ store, log, block, record, stub, term, posting, change, side }) => [
    // One row. Whoever writes locks it first, so that one writer after the other numbers log and changes.
    `CREATE TABLE ${store} (
       one boolean PRIMARY KEY DEFAULT true CHECK (one), format text NOT NULL, version int NOT NULL,
       epoch bytea NOT NULL, seq bigint NOT NULL DEFAULT 0, chain bytea NOT NULL, change bigint NOT NULL DEFAULT 0,
       floor bigint NOT NULL DEFAULT 0, blocks bigint NOT NULL DEFAULT 0, admitted bigint NOT NULL DEFAULT 0,
       bytes bigint NOT NULL DEFAULT 0, pruned bigint NOT NULL DEFAULT 0, waiting bigint NOT NULL DEFAULT 0,
       erased int[] NOT NULL DEFAULT '{}', vectors text NOT NULL DEFAULT 'none', filled bigint NOT NULL DEFAULT 0
     ) WITH (fillfactor = 10)`,
    `CREATE TABLE ${log} (
       seq bigint PRIMARY KEY, digest bytea NOT NULL, time bigint NOT NULL, chain bytea NOT NULL, state "char" NOT NULL
     )`,
    `CREATE INDEX log_erased ON ${log} (digest) WHERE state = 'e'`,
    // Kind, author and model are ids of terms; `terms` are all of the block's; `sum` is of the envelope.
    `CREATE TABLE ${block} (
       seq bigint PRIMARY KEY, digest bytea NOT NULL UNIQUE, time bigint NOT NULL, kind int NOT NULL, author int NOT NULL,
       model int, terms int[] NOT NULL, admitted boolean NOT NULL, code text, expires bigint, size int NOT NULL,
       sum bytea NOT NULL, waiting boolean NOT NULL DEFAULT false
     )`,
    `CREATE INDEX block_waiting ON ${block} (author) WHERE waiting`,
    `CREATE INDEX block_time ON ${block} (time, digest)`,
    `CREATE INDEX block_author ON ${block} (author, time, digest)`,
    `CREATE INDEX block_kind ON ${block} (kind, time, digest)`,
    `CREATE INDEX block_model ON ${block} (model, time, digest) WHERE model IS NOT NULL`,
    `CREATE TABLE ${record} (seq bigint PRIMARY KEY, envelope bytea NOT NULL) PARTITION BY HASH (seq)`,
    ...Array.from(
      { length: RECORD_PARTS },
      (_, i) =>
        `CREATE TABLE ${record}_${i} PARTITION OF ${record} FOR VALUES WITH (MODULUS ${RECORD_PARTS}, REMAINDER ${i})`,
    ),
    ...Array.from(
      { length: RECORD_PARTS },
      (_, i) => `ALTER TABLE ${record}_${i} ALTER COLUMN envelope SET STORAGE EXTERNAL`,
    ),
    `CREATE TABLE ${stub} (
       digest bytea PRIMARY KEY, seq bigint NOT NULL, time bigint NOT NULL, kind bytea NOT NULL, author bytea NOT NULL,
       expires bigint
     )`,
    `CREATE INDEX stub_time ON ${stub} (time, digest)`,
    `CREATE TABLE ${term} (
       id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, value bytea NOT NULL UNIQUE,
       blocks bigint NOT NULL, admitted bigint NOT NULL, bytes bigint NOT NULL
     ) WITH (fillfactor = 50)`,
    `CREATE TABLE ${posting} (
       term int NOT NULL, time bigint NOT NULL, digest bytea NOT NULL, seq bigint NOT NULL, PRIMARY KEY (term, time, digest)
     )`,
    // What the log does not tell: judgements, and blocks that are no longer held. Old lines are dropped.
    `CREATE TABLE ${change} (
       no bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), seq bigint NOT NULL, digest bytea NOT NULL,
       time bigint NOT NULL, kind bytea NOT NULL, author bytea NOT NULL, reason text
     )`,
    `CREATE TABLE ${side} (key bytea PRIMARY KEY, value bytea NOT NULL)`,
    `ALTER TABLE ${side} ALTER COLUMN value SET STORAGE EXTERNAL`,
  ],
  ({ log }) => [`CREATE INDEX log_lost ON ${log} (digest) WHERE state = 'l'`],
]

export const VERSION = MIGRATIONS.length

/**
 * Brings the schema to this version, making it where there is none. Of several processes that start at once one does it and
 * the others wait. Rejects with `storage` and the field `format` when the schema holds something else, or a later version.
 */
export async function migrate(db: Database, tables: Tables, epoch: Uint8Array): Promise<void> {
  if ((await versionOf(db, tables)) === VERSION) return
  await db.transaction(async transaction => {
    await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${FORMAT} ${tables.schema}`])
    const version = await versionOf(transaction, tables)
    if (version === undefined) await claim(transaction, tables)
    for (const migration of MIGRATIONS.slice(version ?? 0)) {
      for (const statement of migration(tables)) await transaction.query(statement)
    }
    if (version === undefined) {
      const values = [FORMAT, VERSION, Buffer.from(epoch), Buffer.alloc(CHAIN_BYTES)]
      await transaction.query(
        `INSERT INTO ${tables.store} (format, version, epoch, chain) VALUES ($1, $2, $3, $4)`,
        values,
      )
    } else {
      await transaction.query(`UPDATE ${tables.store} SET version = $1`, [VERSION])
    }
  })
}

/** The version of the schema; `undefined` when it holds no store. */
async function versionOf(db: Pick<Transaction, 'query'>, { schema, store }: Tables): Promise<number | undefined> {
  const [found] = await db.query(
    `SELECT c.oid IS NOT NULL AS there, count(a.attname) = 3 AS ours
       FROM (SELECT to_regclass($1) AS oid) c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('format', 'version', 'epoch')
      GROUP BY c.oid`,
    [store],
  )
  if (!found?.there) return undefined
  if (!found.ours) throw foreign(schema)
  const [row] = await db.query(`SELECT format, version FROM ${store}`)
  if (row?.format !== FORMAT) throw foreign(schema)
  if (Number(row.version) <= VERSION) return Number(row.version)
  const hint = 'it was written by a later version of cosmic-embeddings: use that version, or another schema'
  throw new CosmicError({ code: 'storage', field: 'format', limit: `${FORMAT}/${VERSION}`, hint })
}

/** An empty schema is taken; one is made where there is none. */
async function claim(transaction: Transaction, { schema, quoted }: Tables): Promise<void> {
  const [found] = await transaction.query(
    `SELECT n.oid IS NOT NULL AS there, EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid) AS used
       FROM (SELECT to_regnamespace($1) AS oid) n`,
    [quoted],
  )
  if (!found?.there) await transaction.query(`CREATE SCHEMA ${quoted}`)
  else if (found.used) throw foreign(schema)
}

function foreign(schema: string): CosmicError {
  const hint = `the schema ${schema} holds something else: choose another`
  return new CosmicError({ code: 'storage', field: 'format', hint })
}
