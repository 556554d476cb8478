import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresStore, type PostgresPool, type PostgresStoreOptions } from '../../../src/adapters/storage/postgres'
import { utf8 } from '../../../src/base/index'
import { createBlock, type VerifiedBlock } from '../../../src/block/index'
import type { StoreChange } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { CosmicValidator } from '../../../src/validate/index'
import { hasPostgres } from '../../tools/postgres.mjs'
import { PostgresServer } from '../../tools/postgres-server'
import { signerOf, storedBlock } from '../../tools/stored-block'
import { gatedPool } from './gated-pool'
import { bundlePrograms, killedAfter } from './programs'

const has = hasPostgres()
if (!has) console.warn('\n*** SKIPPED: test/unit/store/postgres.test.ts: no PostgreSQL server is installed ***\n')

let server: PostgresServer
let admin: pg.Pool
beforeAll(async () => {
  if (!has) return
  server = await PostgresServer.start()
  admin = new pg.Pool({ connectionString: server.address, max: 2 })
  admin.on('error', () => {})
}, 60_000)
afterAll(async () => {
  await admin?.end()
  await server?.stop()
}, 60_000)

let count = 0
const newSchema = () => `unit_${++count}`
const open = (options: PostgresStoreOptions = {}) => postgresStore(server.address, { schema: newSchema(), ...options })
const blocksOf = (...texts: string[]) => Promise.all(texts.map(text => storedBlock({ text })))
const failure = async (promise: Promise<unknown>) => {
  const error = (await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as { code?: string; field?: string; message?: string } | undefined
  return error
}
const until = async (holds: () => boolean | Promise<boolean>) => {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 5))
}

async function retraction(id: string, author: number) {
  const block = await createBlock({ retraction: { block: id }, time: 2_000_000 }, await signerOf(author))
  const verdict = await new CosmicValidator().validate(block)
  return { block: (verdict as { block: VerifiedBlock }).block, admitted: true }
}

describe.skipIf(!has)('PostgreSQL', { timeout: 60_000 }, () => {
  describe('durability', () => {
    test('every acknowledged block survives a SIGKILL of its writer, with log, indexes and counts in step', async () => {
      const root = await mkdtemp(join(tmpdir(), 'cosmic-postgres-unit.'))
      const programs = await bundlePrograms(root, { writer: 'postgres-writer.ts' })
      const schema = newSchema()
      const acknowledged: string[] = []
      for (const round of [1, 2, 3]) {
        const writer = programs.run('writer', server.address, schema, `${round}`)
        acknowledged.push(...(await killedAfter(writer, 40 + round * 17)))
      }
      await rm(root, { recursive: true, force: true })
      expect(acknowledged.length).toBeGreaterThan(150)
      const store = await open({ schema })
      expect((await store.has(acknowledged)).every(Boolean)).toBe(true)
      const log = await collect(store.log())
      const blocks = await collect(store.query({ kind: 'embedding', model: 'test:model' }))
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1))
      expect(new Set(log.map(({ id }) => id))).toEqual(new Set(blocks.map(({ block }) => block.id)))
      const bytes = blocks.reduce((sum, { block }) => sum + block.bytes.length, 0)
      expect(await store.stats()).toMatchObject({ blocks: log.length, admitted: log.length, bytes })
      expect(await store.count({ model: 'test:model' })).toBe(log.length)
      await store.close()
    })

    test('a connection cut in mid transaction is an error, nothing is half-written, and the next call works', async () => {
      const schema = newSchema()
      const gated = gatedPool(server.address)
      const store = await postgresStore(gated.pool, { schema })
      const [a, b] = await blocksOf('a', 'b')
      const gate = gated.holdCommit()
      const put = failure(store.put([a!]))
      await admin.query('SELECT pg_terminate_backend($1)', [await gate.held])
      gate.open()
      expect(await put).toMatchObject({ code: 'storage', field: 'postgres' })
      expect(await store.stats()).toMatchObject({ blocks: 0 })
      expect(await store.put([a!, b!])).toEqual(['added', 'added'])
      await store.close()
      await gated.end()
    })

    test('a server that stops is an error until it is back', async () => {
      const store = await open()
      const [a, b] = await blocksOf('a', 'b')
      const told: string[] = []
      store.onChange(({ added }) => told.push(...added.map(({ block }) => block.id)))
      await store.put([a!])
      await server.halt('SIGQUIT')
      expect(await failure(store.put([b!]))).toMatchObject({ code: 'storage' })
      expect(await failure(store.get(a!.block.id))).toMatchObject({ code: 'storage' })
      await server.resume()
      expect(await store.get(a!.block.id)).toEqual(a)
      expect(await store.put([b!])).toEqual(['added'])
      expect(told).toEqual([a!.block.id, b!.block.id])
      await store.close()
    })
  })

  describe('several processes', () => {
    test('start at once on an empty schema', async () => {
      const schema = newSchema()
      const stores = await Promise.all(Array.from({ length: 6 }, () => open({ schema })))
      const blocks = await blocksOf('a', 'b', 'c', 'd', 'e', 'f')
      await Promise.all(stores.map((store, i) => store.put([blocks[i]!])))
      expect((await collect(stores[0]!.log())).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
      await Promise.all(stores.map(store => store.close()))
    })

    test('a reader of the log skips nothing, whichever transaction takes longer', async () => {
      const schema = newSchema()
      const gated = gatedPool(server.address)
      const slow = await postgresStore(gated.pool, { schema })
      const quick = await open({ schema })
      const reader = await open({ schema })
      const [first, second] = await blocksOf('first', 'second')
      const seqs = async () => (await collect(reader.log())).map(({ seq }) => seq)
      const gate = gated.holdCommit()
      const done: string[] = []
      // The slow writer has its place in the log and does not commit; the quick one must not come to stand after a gap.
      const slowly = slow.put([first!]).then(() => done.push('slow'))
      await gate.held
      const quickly = quick.put([second!]).then(() => done.push('quick'))
      await until(async () => (await waitingWriters()) > 0)
      expect([await seqs(), done]).toEqual([[], []])
      gate.open()
      await Promise.all([slowly, quickly])
      expect((await collect(reader.log())).map(({ id }) => id)).toEqual([first!.block.id, second!.block.id])
      await Promise.all([slow, quick, reader].map(store => store.close()))
      await gated.end()
    })

    test('a reader that follows many writers meets every entry once and in order', async () => {
      const schema = newSchema()
      const writers = await Promise.all(Array.from({ length: 4 }, () => open({ schema, follow: 'none' })))
      const reader = await open({ schema, follow: 'none' })
      const blocks = await blocksOf(...Array.from({ length: 200 }, (_, i) => `${i}`))
      let writing = true
      const write = async (w: number) => {
        for (let i = w; i < blocks.length; i += 4) await writers[w]!.put([blocks[i]!])
      }
      const written = Promise.all(writers.map((_, w) => write(w))).then(() => (writing = false))
      const met: number[] = []
      do {
        const last = !writing
        for await (const { seq } of reader.log({ after: met.length })) met.push(seq)
        if (last) break
      } while (true)
      await written
      expect(met).toEqual(blocks.map((_, i) => i + 1))
      await Promise.all([...writers, reader].map(store => store.close()))
    })

    test.each(['notify', 20] as const)('hear of what others store, judge and erase (%s)', async follow => {
      const schema = newSchema()
      const [ours, theirs] = await Promise.all([open({ schema, follow }), open({ schema })])
      const [a, b] = await blocksOf('a', 'b')
      const changes: StoreChange[] = []
      ours.onChange(change => changes.push(change))
      const heard = async (number: number) => {
        await until(() => changes.length >= number)
        return changes[number - 1]
      }
      await theirs.put([a!, b!])
      expect(await heard(1)).toEqual({ added: [a, b], judged: [], erased: [] })
      await theirs.judge([{ id: b!.block.id, admitted: false, code: 'policy' }])
      const judged = { block: b!.block, admitted: false, code: 'policy' }
      expect(await heard(2)).toEqual({ added: [], judged: [judged], erased: [] })
      const { id, time, kind, author } = a!.block
      await theirs.erase([id], 'pruned')
      expect(await heard(3)).toEqual({ added: [], judged: [], erased: [{ id, time, kind, author, reason: 'pruned' }] })
      const withdrawal = await retraction(b!.block.id, 1)
      await theirs.put([withdrawal])
      const gone = { id: b!.block.id, time, kind, author, reason: 'retracted' }
      expect(await heard(4)).toEqual({ added: [withdrawal], judged: [], erased: [gone] })
      await Promise.all([ours.close(), theirs.close()])
      expect(changes.length).toBe(4)
    })

    test('own changes are told after those that others made before them', async () => {
      const schema = newSchema()
      const [ours, theirs] = await Promise.all([open({ schema, follow: 'none' }), open({ schema, follow: 'none' })])
      const [a, b] = await blocksOf('a', 'b')
      const told: string[] = []
      ours.onChange(({ added, erased }) =>
        told.push(...[...added.map(({ block }) => block), ...erased].map(({ id }) => id)),
      )
      await theirs.put([a!])
      await theirs.erase([a!.block.id], 'expired')
      await theirs.put([a!])
      await ours.put([b!])
      expect(told).toEqual([a!.block.id, b!.block.id])
      await Promise.all([ours.close(), theirs.close()])
    })

    test('what comes while the listening connection is down is heard when it is back', async () => {
      const schema = newSchema()
      const [ours, theirs] = await Promise.all([open({ schema }), open({ schema, follow: 'none' })])
      const [a] = await blocksOf('a')
      const told: string[] = []
      ours.onChange(({ added }) => told.push(...added.map(({ block }) => block.id)))
      await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`)
      await theirs.put([a!])
      await until(() => told.length > 0)
      expect(told).toEqual([a!.block.id])
      await Promise.all([ours.close(), theirs.close()])
    })
  })

  describe('erasing', () => {
    test('after compact nothing of an erased block is in the data files', async () => {
      const schema = newSchema()
      const store = await open({ schema })
      const secret = 'the-vault-opens-at-noon'
      const kept = await Promise.all(
        Array.from({ length: 200 }, (_, i) => storedBlock({ text: `kept ${i}`, tags: ['kept'], vector: [i, 1, 2] })),
      )
      const secrets = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          storedBlock({ text: `${secret} ${i} ${'x'.repeat(4_000)}`, tags: [`tag-${secret}-${i}`], vector: [7, 8, i] }),
        ),
      )
      await store.put([...kept.slice(0, 100), ...secrets, ...kept.slice(100)])
      expect(await filesWith(secret)).not.toEqual([])
      await store.put(await Promise.all(secrets.map(({ block }) => retraction(block.id, 1))))
      const steps: number[] = []
      expect(await store.compact!({ onProgress: done => steps.push(done) })).toBe(true)
      expect(steps.length).toBeGreaterThan(2)
      expect(await filesWith(secret)).toEqual([])
      expect(await store.getMany(kept.map(({ block }) => block.id))).toEqual(kept)
      expect(await store.compact!()).toBe(true)
      await store.close()
    })

    test('every call moves on, however small its budget', async () => {
      const store = await open()
      const blocks = await blocksOf(...Array.from({ length: 40 }, (_, i) => `${i}`))
      await store.put(blocks)
      await store.erase(
        blocks.map(({ block }) => block.id),
        'expired',
      )
      let calls = 1
      while (!(await store.compact!({ budgetMs: 0 }))) calls++
      expect(calls).toBeGreaterThan(8)
      expect(calls).toBeLessThanOrEqual(18)
      const aborted = failure(store.compact!({ signal: AbortSignal.abort() }))
      expect(await aborted).toMatchObject({ code: 'aborted' })
      await store.close()
    })
  })

  describe('refusals', () => {
    test('a schema that holds something else, or a later version', async () => {
      const [foreign, later, half] = [newSchema(), newSchema(), newSchema()]
      await admin.query(`CREATE SCHEMA ${foreign} CREATE TABLE mine (a int)`)
      await admin.query(`CREATE SCHEMA ${half} CREATE TABLE store (a int)`)
      await (await open({ schema: later })).close()
      await admin.query(`UPDATE ${later}.store SET version = 99`)
      for (const schema of [foreign, half, later]) {
        expect(await failure(open({ schema }))).toMatchObject({ code: 'storage', field: 'format' })
      }
      const other = newSchema()
      await (await open({ schema: other })).close()
      await admin.query(`UPDATE ${other}.store SET format = 'another'`)
      expect(await failure(open({ schema: other }))).toMatchObject({ code: 'storage', field: 'format' })
    })

    test('names, options and connections that cannot be', async () => {
      for (const schema of ['', 'a b', 'a"b', '1a', 'pg_a', 'x'.repeat(49), 'é']) {
        expect(await failure(open({ schema }))).toMatchObject({ code: 'bad-value', field: 'schema' })
      }
      expect(await failure(open({ follow: 5 }))).toMatchObject({ code: 'bad-value', field: 'follow' })
      expect(await failure(open({ statementTimeout: 0 }))).toMatchObject({
        code: 'bad-value',
        field: 'statementTimeout',
      })
      expect(await failure(postgresStore(undefined as never))).toMatchObject({ code: 'bad-type', field: 'connection' })
    })

    test('no error tells a password', async () => {
      const password = 'open-sesame'
      const addresses = [
        `postgres://cosmic:${password}@127.0.0.1:1/postgres`,
        `postgres://cosmic:${password}@127.0.0.1:${server.port}/nowhere`,
        `postgres://nobody:${password}@127.0.0.1:${server.port}/postgres`,
        `postgres://cosmic:${password}@[broken/postgres`,
      ]
      for (const address of addresses) {
        const error = (await postgresStore(address).catch((reason: unknown) => reason)) as Error
        const text = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join()
        expect(['storage', 'bad-value']).toContain((error as { code?: string }).code)
        expect(text).not.toContain(password)
      }
    })

    test('batches over the limit', async () => {
      const store = await open()
      const [a] = await blocksOf('a')
      const many = Array.from({ length: 10_001 }, () => a!)
      expect(await failure(store.put(many))).toMatchObject({ code: 'limit', field: 'blocks' })
      const heavy = { ...a!, block: { ...a!.block, bytes: new Uint8Array(2 ** 26 + 1) } as VerifiedBlock }
      expect(await failure(store.put([heavy]))).toMatchObject({ code: 'limit', field: 'bytes' })
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
      const schema = newSchema()
      const store = await open({ schema })
      const locker = await admin.connect()
      await locker.query(`BEGIN; LOCK TABLE ${schema}.block`)
      const abort = new AbortController()
      const counting = failure(store.count({ since: 5, signal: abort.signal }))
      const running = async () => {
        const { rows } = await admin.query(
          `SELECT FROM pg_stat_activity WHERE state = 'active' AND wait_event_type = 'Lock' AND query LIKE $1`,
          [`%${schema}"."%count%`.replace('"."', '%')],
        )
        return rows.length
      }
      await until(async () => (await running()) > 0 || (await anyWaiting(schema)) > 0)
      abort.abort()
      expect(await counting).toMatchObject({ code: 'aborted' })
      await until(async () => (await anyWaiting(schema)) === 0)
      await locker.query('ROLLBACK')
      locker.release()
      expect(await store.count({ since: 5 })).toBe(0)
      await store.close()
    })

    test('the server stops a statement that takes longer than the timeout', async () => {
      const schema = newSchema()
      const store = await open({ schema, statementTimeout: 200 })
      const locker = await admin.connect()
      await locker.query(`BEGIN; LOCK TABLE ${schema}.block`)
      expect(await failure(store.count({ since: 5 }))).toMatchObject({ code: 'storage', limit: '57014' })
      await locker.query('ROLLBACK')
      locker.release()
      await store.close()
    })

    test('a transaction that others bring into a deadlock is run again', async () => {
      const schema = newSchema()
      const store = await open({ schema })
      const put = (byte: number, value: string) =>
        ({ type: 'put', key: Uint8Array.of(byte), value: utf8(value) }) as const
      await store.side.batch([put(1, 'old'), put(2, 'old')])
      const other = await admin.connect()
      await other.query('BEGIN')
      await other.query(`SET LOCAL deadlock_timeout = '30s'`)
      await other.query(`UPDATE ${schema}.side SET value = 'theirs' WHERE key = '\\x02'`)
      const batch = store.side.batch([put(1, 'new'), put(2, 'new')])
      await until(async () => (await anyWaiting(schema)) > 0)
      await other.query(`UPDATE ${schema}.side SET value = 'theirs' WHERE key = '\\x01'`)
      await other.query('COMMIT')
      other.release()
      await batch
      expect(await store.side.getMany([Uint8Array.of(1), Uint8Array.of(2)])).toEqual([utf8('new'), utf8('new')])
      await store.close()
    })

    test('a pool that was given stays open and is enough with one connection', async () => {
      const pool = new pg.Pool({ connectionString: server.address, max: 1 })
      const store = await postgresStore(pool as unknown as PostgresPool, { schema: newSchema(), follow: 'none' })
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

/** Statements that wait for a lock of a schema's tables. */
async function anyWaiting(schema: string): Promise<number> {
  const { rows } = await admin.query(
    `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid <> pg_backend_pid() AND position($1 in query) > 0`,
    [schema],
  )
  return rows.length
}

async function waitingWriters(): Promise<number> {
  const { rows } = await admin.query(
    `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'`,
  )
  return rows.length
}

/** Data files of the server, once everything is on the disk, that hold a text. */
async function filesWith(text: string): Promise<string[]> {
  await admin.query('CHECKPOINT')
  const base = join(server.data, 'base')
  const files = await readdir(base, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const file of files.filter(each => each.isFile())) {
    const path = join(file.parentPath ?? file.path, file.name)
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    if (bytes.includes(text)) found.push(path)
  }
  return found
}
