import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { postgresStore } from '../../../src/adapters/storage/postgres'
import { utf8 } from '../../../src/base/index'
import { collect } from '../../../src/testing/suite-tools'
import { storedBlock } from '../../tools/stored-block'
import { breakingProxy } from './breaking-proxy'
import { gatedPool } from './gated-pool'
import { blocksOf, failure, postgresGround, retraction, until } from './postgres-ground'
import { bundlePrograms, killedAfter } from './programs'

const ground = postgresGround('test/unit/store/postgres-durability.test.ts')

describe.skipIf(!ground.has)('PostgreSQL keeps and erases', { timeout: 60_000 }, () => {
  describe('durability', () => {
    test('every acknowledged block survives a SIGKILL of its writer, with log, indexes and counts in step', async () => {
      const root = await mkdtemp(join(tmpdir(), 'cosmic-postgres-unit.'))
      const programs = await bundlePrograms(root, { writer: 'postgres-writer.ts' })
      const schema = ground.newSchema()
      const acknowledged: string[] = []
      for (const round of [1, 2, 3]) {
        const writer = programs.run('writer', ground.server.address, schema, `${round}`)
        acknowledged.push(...(await killedAfter(writer, 40 + round * 17)))
      }
      await rm(root, { recursive: true, force: true })
      expect(acknowledged.length).toBeGreaterThan(150)
      const store = await ground.open({ schema })
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
      const schema = ground.newSchema()
      const gated = gatedPool(ground.server.address)
      const store = await postgresStore(gated.pool, { schema })
      const [a, b] = await blocksOf('a', 'b')
      const gate = gated.holdCommit()
      const put = failure(store.put([a!]))
      await ground.admin.query('SELECT pg_terminate_backend($1)', [await gate.held])
      gate.open()
      expect(await put).toMatchObject({ code: 'storage', field: 'postgres' })
      expect(await store.stats()).toMatchObject({ blocks: 0 })
      expect(await store.put([a!, b!])).toEqual(['added', 'added'])
      await store.close()
      await gated.end()
    })

    test('a server that stops is an error until it is back', async () => {
      const store = await ground.open()
      const [a, b] = await blocksOf('a', 'b')
      const told: string[] = []
      store.onChange(({ added }) => told.push(...added.map(({ block }) => block.id)))
      await store.put([a!])
      await ground.server.halt('SIGQUIT')
      expect(await failure(store.put([b!]))).toMatchObject({ code: 'storage' })
      expect(await failure(store.get(a!.block.id))).toMatchObject({ code: 'storage' })
      await ground.server.resume()
      expect(await store.get(a!.block.id)).toEqual(a)
      expect(await store.put([b!])).toEqual(['added'])
      expect(told).toEqual([a!.block.id, b!.block.id])
      await store.close()
    })

    test('connections that break while a pool that was given lends them to nobody do not end the process', async () => {
      const pool = new pg.Pool({ connectionString: ground.server.address })
      const store = await postgresStore(pool, { schema: ground.newSchema() })
      const [a] = await blocksOf('a')
      await Promise.all([store.stats(), store.stats(), store.stats()])
      expect(pool.idleCount).toBeGreaterThan(1)
      await ground.server.halt('SIGQUIT')
      await until(() => pool.idleCount === 0)
      expect(await failure(store.put([a!]))).toMatchObject({ code: 'storage' })
      await ground.server.resume()
      expect(await store.put([a!])).toEqual(['added'])
      await store.close()
      await pool.end()
    })

    test('a connection that breaks in the instant in which it is lent is an error, and does not end the process', async () => {
      const schema = ground.newSchema()
      await (await ground.open({ schema })).close()
      const breaking = await breakingProxy(ground.server.port, pid =>
        ground.admin.query('SELECT pg_terminate_backend($1)', [pid]),
      )
      const address = ground.server.address.replace(`${ground.server.port}`, `${breaking.port}`)
      expect(await failure(postgresStore(address, { schema }))).toMatchObject({ code: 'storage' })
      expect(breaking.broken).toBeGreaterThan(0)
      breaking.close()
    })
  })
  describe('erasing', () => {
    test('after compact nothing of an erased block is in the data files', async () => {
      const schema = ground.newSchema()
      const store = await ground.open({ schema })
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

    test('bytes that an older transaction still sees are not forgotten: compact says so, and erases them afterwards', async () => {
      const store = await ground.open()
      const secret = 'seen-by-an-older-snapshot'
      const gone = await storedBlock({ text: secret })
      await store.put([gone])
      const other = await ground.admin.connect()
      await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      await other.query('SELECT 1')
      await store.erase([gone.block.id], 'withdrawn')
      expect(await failure(store.compact!())).toMatchObject({ code: 'storage', field: 'compact' })
      expect(await store.needsCompaction!()).toBe(true)
      await other.query('COMMIT')
      other.release()
      expect(await store.compact!()).toBe(true)
      expect([await store.needsCompaction!(), await filesWith(secret)]).toEqual([false, []])
      await store.close()
    })

    test('bytes are not forgotten when the server stops while it rewrites them', async () => {
      const schema = ground.newSchema()
      const store = await ground.open({ schema, follow: 'none' })
      const secret = 'cut-while-it-was-rewritten'
      const gone = await storedBlock({ text: secret })
      await store.put([gone])
      await store.erase([gone.block.id], 'withdrawn')
      const reader = await ground.admin.connect()
      reader.on('error', () => {})
      await reader.query('BEGIN')
      await reader.query(`SELECT count(*) FROM ${schema}.record`)
      const cut = failure(store.compact!())
      await until(async () => (await ground.waiting('VACUUM (FULL)')) > 0)
      await ground.server.halt('SIGQUIT')
      expect(await cut).toMatchObject({ code: 'storage' })
      reader.release(true)
      await ground.server.resume()
      expect(await store.needsCompaction!()).toBe(true)
      expect(await store.compact!()).toBe(true)
      expect(await store.needsCompaction!()).toBe(false)
      expect(await filesWith(secret)).toEqual([])
      await store.close()
    })

    test('what is deleted from the side, or replaced by a batch that deletes it first, leaves the files, too', async () => {
      const store = await ground.open()
      const [a, b] = [utf8('a'), utf8('b')]
      const secret = 'beside-the-blocks'
      await store.side.batch([a, b].map(key => ({ type: 'put', key, value: utf8(secret) })))
      expect([await store.needsCompaction!(), (await filesWith(secret)).length]).toEqual([false, 1])
      await store.side.batch([{ type: 'delete', key: a }])
      expect([await store.needsCompaction!(), await store.compact!()]).toEqual([true, true])
      const second = 'another-one'
      await store.side.batch([
        { type: 'delete', key: b },
        { type: 'put', key: b, value: utf8(second) },
      ])
      expect([await store.needsCompaction!(), await store.compact!()]).toEqual([true, true])
      expect([await filesWith(secret), await store.needsCompaction!()]).toEqual([[], false])
      expect(await store.side.get(b)).toEqual(utf8(second))
      await store.close()
    })

    test('every call moves on, however small its budget', async () => {
      const store = await ground.open()
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
})

/** Data files of the server, once everything is on the disk, that hold a text. */
async function filesWith(text: string): Promise<string[]> {
  await ground.admin.query('CHECKPOINT')
  const base = join(ground.server.data, 'base')
  const files = await readdir(base, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const file of files.filter(each => each.isFile())) {
    const path = join(file.parentPath ?? file.path, file.name)
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    if (bytes.includes(text)) found.push(path)
  }
  return found
}
