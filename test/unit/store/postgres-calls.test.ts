import fc from 'fast-check'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { postgresStore } from '../../../src/adapters/storage/postgres'
import { utf8 } from '../../../src/base/index'
import type { VerifiedBlock } from '../../../src/block/index'
import { collect } from '../../../src/testing/suite-tools'
import { storedBlock } from '../../tools/stored-block'
import { attack, attackedBlocks, storeCall } from '../../tools/store-attack'
import { blocksOf, failure, postgresGround, until } from './postgres-ground'

const ground = postgresGround('test/unit/store/postgres-calls.test.ts')

describe.skipIf(!ground.has)('PostgreSQL', { timeout: 60_000 }, () => {
  describe('refusals', () => {
    test('a schema that holds something else, or a later version', async () => {
      const [foreign, later, half] = [ground.newSchema(), ground.newSchema(), ground.newSchema()]
      await ground.admin.query(`CREATE SCHEMA ${foreign} CREATE TABLE mine (a int)`)
      await ground.admin.query(`CREATE SCHEMA ${half} CREATE TABLE store (a int)`)
      await (await ground.open({ schema: later })).close()
      await ground.admin.query(`UPDATE ${later}.store SET version = 99`)
      for (const schema of [foreign, half, later]) {
        expect(await failure(ground.open({ schema }))).toMatchObject({ code: 'storage', field: 'format' })
      }
      const other = ground.newSchema()
      await (await ground.open({ schema: other })).close()
      await ground.admin.query(`UPDATE ${other}.store SET format = 'another'`)
      expect(await failure(ground.open({ schema: other }))).toMatchObject({ code: 'storage', field: 'format' })
    })

    test('a schema of version 1 is brought further, and keeps what it has', async () => {
      const schema = ground.newSchema()
      const [block] = await blocksOf('old')
      const first = await ground.open({ schema })
      await first.put([block!])
      await first.close()
      await ground.admin.query(`DROP INDEX ${schema}.log_lost`)
      await ground.admin.query(`UPDATE ${schema}.store SET version = 1`)
      const store = await ground.open({ schema })
      expect(await store.get(block!.block.id)).toEqual(block)
      await store.close()
      const { rows } = await ground.admin.query(
        `SELECT version, to_regclass('${schema}.log_lost') AS it FROM ${schema}.store`,
      )
      expect(rows).toEqual([{ version: 2, it: `${schema}.log_lost` }])
    })

    test('any call answers or is refused by name', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(storeCall, { minLength: 40, maxLength: 80 }), async calls => {
          const store = await ground.open()
          await store.put(attackedBlocks)
          for (const { method, args } of calls) {
            const failure = await attack(store, method, args)
            if (failure !== undefined) throw new Error(`${method}(${fc.stringify(args)})`, { cause: failure })
          }
          expect((await collect(store.check!())).flatMap(({ finding }) => finding ?? [])).toEqual([])
          await store.close()
        }),
        { numRuns: 4 },
      )
    })

    test('names, options and connections that cannot be', async () => {
      for (const schema of ['', 'a b', 'a"b', '1a', 'pg_a', 'x'.repeat(49), 'é']) {
        expect(await failure(ground.open({ schema }))).toMatchObject({ code: 'bad-value', field: 'schema' })
      }
      expect(await failure(ground.open({ follow: 5 }))).toMatchObject({ code: 'bad-value', field: 'follow' })
      expect(await failure(ground.open({ statementTimeout: 0 }))).toMatchObject({
        code: 'out-of-range',
        field: 'statementTimeout',
      })
      expect(await failure(postgresStore(undefined as never))).toMatchObject({ code: 'bad-type', field: 'connection' })
      const deaf = { connect: async () => {}, end: async () => {} }
      expect(await failure(postgresStore(deaf as never))).toMatchObject({ code: 'bad-type', field: 'connection.on' })
    })

    test('no error tells a password', async () => {
      const password = 'open-sesame'
      const addresses = [
        `postgres://cosmic:${password}@127.0.0.1:1/postgres`,
        `postgres://cosmic:${password}@127.0.0.1:${ground.server.port}/nowhere`,
        `postgres://nobody:${password}@127.0.0.1:${ground.server.port}/postgres`,
        `postgres://cosmic:${password}@[broken/postgres`,
      ]
      for (const address of addresses) {
        const error = (await postgresStore(address).catch((reason: unknown) => reason)) as Error
        const text = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join()
        expect(['storage', 'bad-value']).toContain((error as { code?: string }).code)
        expect(text).not.toContain(password)
      }
    })

    test('a put uses up no ids of terms that are known', async () => {
      const schema = ground.newSchema()
      const store = await ground.open({ schema })
      for (const text of 'abcdef') await store.put([await storedBlock({ text, tags: ['one', 'two'] })])
      const { rows } = await ground.admin.query(`SELECT max(id) AS last, count(*) AS terms FROM ${schema}.term`)
      const next = await ground.admin.query(`SELECT nextval(pg_get_serial_sequence('${schema}.term', 'id')) AS id`)
      expect([Number(rows[0].last), Number(next.rows[0].id)]).toEqual([
        Number(rows[0].terms),
        Number(rows[0].terms) + 1,
      ])
      await store.close()
    })

    test('batches over the limit', async () => {
      const store = await ground.open()
      const [a] = await blocksOf('a')
      const many = Array.from({ length: 10_001 }, () => a!)
      expect(await failure(store.put(many))).toMatchObject({ code: 'limit', field: 'put.blocks' })
      const heavy = { ...a!, block: { ...a!.block, bytes: new Uint8Array(2 ** 26 + 1) } as VerifiedBlock }
      expect(await failure(store.put([heavy]))).toMatchObject({ code: 'limit', field: 'put.bytes' })
      expect(
        await failure(store.side.batch([{ type: 'put', key: new Uint8Array(1025), value: utf8('') }])),
      ).toMatchObject({
        code: 'limit',
      })
      await store.close()
    })
  })
  describe('calls that take long', () => {
    test('a signal stops the statement in the server', async () => {
      const schema = ground.newSchema()
      const store = await ground.open({ schema })
      const locker = await ground.admin.connect()
      await locker.query(`BEGIN; LOCK TABLE ${schema}.block`)
      const abort = new AbortController()
      const counting = failure(store.count({ since: 5, signal: abort.signal }))
      await until(async () => (await ground.waiting(schema)) > 0)
      abort.abort()
      expect(await counting).toMatchObject({ code: 'aborted' })
      await until(async () => (await ground.waiting(schema)) === 0)
      await locker.query('ROLLBACK')
      locker.release()
      expect(await store.count({ since: 5 })).toBe(0)
      await store.close()
    })

    test('the server stops a statement that takes longer than the timeout', async () => {
      const schema = ground.newSchema()
      const store = await ground.open({ schema, statementTimeout: 200 })
      const locker = await ground.admin.connect()
      await locker.query(`BEGIN; LOCK TABLE ${schema}.block`)
      expect(await failure(store.count({ since: 5 }))).toMatchObject({ code: 'storage', limit: '57014' })
      await locker.query('ROLLBACK')
      locker.release()
      await store.close()
    })

    test('a transaction that others bring into a deadlock is run again', async () => {
      const schema = ground.newSchema()
      const store = await ground.open({ schema })
      const put = (byte: number, value: string) =>
        ({ type: 'put', key: Uint8Array.of(byte), value: utf8(value) }) as const
      await store.side.batch([put(1, 'old'), put(2, 'old')])
      const other = await ground.admin.connect()
      await other.query('BEGIN')
      await other.query(`SET LOCAL deadlock_timeout = '30s'`)
      await other.query(`UPDATE ${schema}.side SET value = 'theirs' WHERE key = '\\x02'`)
      const batch = store.side.batch([put(1, 'new'), put(2, 'new')])
      await until(async () => (await ground.waiting(schema)) > 0)
      await other.query(`UPDATE ${schema}.side SET value = 'theirs' WHERE key = '\\x01'`)
      await other.query('COMMIT')
      other.release()
      await batch
      expect(await store.side.getMany([Uint8Array.of(1), Uint8Array.of(2)])).toEqual([utf8('new'), utf8('new')])
      await store.close()
    })

    test('a pool that was given stays open and is enough with one connection', async () => {
      const pool = new pg.Pool({ connectionString: ground.server.address, max: 1 })
      const store = await postgresStore(pool, { schema: ground.newSchema(), follow: 'none' })
      const blocks = await blocksOf('a', 'b', 'c')
      const abort = new AbortController()
      const reading = failure(store.count({ since: 1, signal: abort.signal }))
      abort.abort()
      await Promise.all(blocks.map(block => store.put([block])))
      expect(await reading).toMatchObject({ code: 'aborted' })
      await store.close()
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
      await pool.end()
    })
  })
})
