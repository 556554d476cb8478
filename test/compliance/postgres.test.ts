import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { postgresStore } from '../../src/adapters/storage/postgres'
import { digestOf, type KeyValueStorage, MAX_SIDE_KEY_BYTES } from '../../src/store/index'
import { blockStoreSuite } from '../../src/testing/block-store'
import { keyValueStorageSuite } from '../../src/testing/key-value-storage'
import { startPglite } from '../tools/pglite-server'
import { hasPostgres } from '../tools/postgres.mjs'
import { PostgresServer } from '../tools/postgres-server'

const runner = { describe, test, expect }
let count = 0

/** Each store in a schema of its own. */
function subject(name: string, address: string, options: { max?: number; follow?: 'none' } = {}) {
  let schema = ''
  const { follow, ...pool } = options
  const connection = { connectionString: address, max: 4, ...pool }
  const again = (quota = {}) => postgresStore(connection, { schema, ...(follow && { follow }), ...quota })
  const openWithQuota = (quota: object) => {
    schema = `suite_${++count}`
    return again(quota)
  }
  const open = () => openWithQuota({})
  const damage = async (id: string) => {
    const client = new pg.Client({ connectionString: address })
    await client.connect()
    await client.query(
      `UPDATE ${schema}.record SET envelope = set_byte(envelope, 100, get_byte(envelope, 100) # 1)
        WHERE seq = (SELECT seq FROM ${schema}.block WHERE digest = $1)`,
      [digestOf(id)],
    )
    await client.end()
  }
  return { name, open, reopen: () => again(), openWithQuota, damage }
}

/** The keys beside the blocks; the suite closes them, and with them the store. */
function sideOf({ name, open, reopen }: ReturnType<typeof subject>) {
  const side = async (opening: ReturnType<typeof open>): Promise<KeyValueStorage> => {
    const store = await opening
    const { side } = store
    return {
      get: (...args) => side.get(...args),
      getMany: (...args) => side.getMany(...args),
      batch: (...args) => side.batch(...args),
      range: (...args) => side.range(...args),
      close: () => store.close(),
    }
  }
  return {
    name: `beside ${name}`,
    open: () => side(open()),
    reopen: () => side(reopen()),
    maxKeyBytes: MAX_SIDE_KEY_BYTES,
  }
}

const pglite = await startPglite()
afterAll(() => pglite.stop())
// One session for all clients: a second connection would read the first one's transaction.
const inWasm = subject('PostgreSQL in WebAssembly', pglite.address, { max: 1, follow: 'none' })
blockStoreSuite(runner, inWasm)
keyValueStorageSuite(runner, sideOf(inWasm))

const server = hasPostgres() ? await PostgresServer.start() : undefined
afterAll(() => server?.stop())
if (server) {
  const onServer = subject('PostgreSQL of Debian', server.address)
  blockStoreSuite(runner, onServer)
  keyValueStorageSuite(runner, sideOf(onServer))
} else console.warn('\n*** SKIPPED: the suites on a PostgreSQL server: none is installed ***\n')
