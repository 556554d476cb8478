import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { postgresStore, type PostgresStoreOptions } from '../../../src/adapters/storage/postgres'
import { createBlock, type VerifiedBlock } from '../../../src/block/index'
import { CosmicValidator } from '../../../src/validate/index'
import { hasPostgres } from '../../tools/postgres.mjs'
import { PostgresServer } from '../../tools/postgres-server'
import { signerOf, storedBlock } from '../../tools/stored-block'

/** A server for the tests of one file, which name it in the line that says what is skipped without one. */
export function postgresGround(file: string) {
  const has = hasPostgres()
  if (!has) console.warn(`\n*** SKIPPED: ${file}: no PostgreSQL server is installed ***\n`)
  const ground = { has, server: undefined as unknown as PostgresServer, admin: undefined as unknown as pg.Pool }
  let count = 0
  beforeAll(async () => {
    if (!has) return
    ground.server = await PostgresServer.start()
    ground.admin = new pg.Pool({ connectionString: ground.server.address, max: 2 })
    ground.admin.on('error', () => {})
  }, 60_000)
  afterAll(async () => {
    await ground.admin?.end()
    await ground.server?.stop()
  }, 60_000)
  const newSchema = () => `unit_${++count}`
  return Object.assign(ground, {
    newSchema,
    open: (options: PostgresStoreOptions = {}) =>
      postgresStore(ground.server.address, { schema: newSchema(), ...options }),
    /** Statements that hold a text and wait for a lock. */
    async waiting(text: string): Promise<number> {
      const { rows } = await ground.admin.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid <> pg_backend_pid() AND position($1 in query) > 0`,
        [text],
      )
      return rows.length
    },
  })
}

export const blocksOf = (...texts: string[]) => Promise.all(texts.map(text => storedBlock({ text })))

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error as { code?: string; field?: string; message?: string } | undefined
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 5))
}

export async function retraction(id: string, author: number) {
  const block = await createBlock({ retraction: { block: id }, time: 2_000_000 }, await signerOf(author))
  const verdict = await new CosmicValidator().validate(block)
  return { block: (verdict as { block: VerifiedBlock }).block, admitted: true }
}
