import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { postgresStore } from '../../../src/adapters/storage/postgres'
import type { RetentionPolicy } from '../../../src/ingest/index'
import type { SyncClient } from '../../../src/client/index'
import { postgresGround } from '../store/postgres-ground'
import { startAgent } from './agents'

const root = await mkdtemp(join(tmpdir(), 'cosmic-client-compaction.'))
afterAll(() => rm(root, { recursive: true, force: true }))
const ground = postgresGround('client compaction')

const DAY = 86_400_000
const secret = (name: string) => `the vault of ${name} opens at noon`
const say = (content: string) => ({ input: { type: 'text', content } as const, tags: [`tag: ${content}`] })

async function isIn(path: string, text: string): Promise<boolean> {
  for (const file of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const bytes = await readFile(join(file.parentPath, file.name)).catch(() => Buffer.alloc(0))
    if (bytes.includes(text)) return true
  }
  return false
}

/** Resolves once erased bytes are out of the files; with every share of the work that was told. */
function compacted(client: SyncClient): Promise<number[]> {
  const shares: number[] = []
  return new Promise(resolve =>
    client.on('compaction', ({ done, total, ended }) => {
      shares.push(done / Math.max(1, total))
      if (ended) resolve(shares)
    }),
  )
}

const onLmdb = async (name: string, retention: RetentionPolicy) => {
  const agent = await startAgent({ storage: await lmdbStorage(join(root, name)), retention })
  // What is under way when the test ends would hold the directory.
  onTestFinished(() => agent.client.close())
  return { ...agent, path: join(root, name) }
}

test('what was retracted, expired or removed by a bound is out of the files by itself, and everything else stays', async () => {
  const bounds = { maxBlocks: 40, pins: { own: false, tags: [`tag: ${secret('kept')}`] } }
  const { client, publish, path } = await onLmdb('erased', { compactWithin: 0, ...bounds })
  const kept = await publish(say(secret('kept')))
  const done = compacted(client)
  const withdrawn = await publish(say(secret('withdrawn')))
  await publish({ ...say(secret('short')), expires: Date.now() + 150 })
  await publish({ ...say(secret('oldest')), time: 1 })
  expect(await isIn(path, secret('withdrawn'))).toBe(true)
  await client.retract(withdrawn.id)
  expect((await done).every(share => share >= 0 && share <= 1)).toBe(true)
  for (let i = 0; i < 41; i++) await publish(say(`block ${i}`))
  const isLeft = async () =>
    (await Promise.all(['withdrawn', 'short', 'oldest'].map(name => isIn(path, secret(name))))).includes(true)
  for (let next = compacted(client); await isLeft(); next = compacted(client)) await next
  expect(await isIn(path, secret('kept'))).toBe(true)
  expect((await client.get(kept.id))?.id).toBe(kept.id)
})

test('it waits for half of its time, across a restart too; nothing runs where it is turned off', async () => {
  const first = await onLmdb('later', { compactWithin: DAY })
  let steps = 0
  first.client.on('compaction', () => steps++)
  await first.client.retract((await first.publish(say(secret('later')))).id)
  await first.client.close()
  const second = await onLmdb('later', { compactWithin: false })
  second.client.on('compaction', () => steps++)
  await second.client.retract((await second.publish(say('more'))).id)
  await second.client.close()
  expect([steps, await isIn(first.path, secret('later'))]).toEqual([0, true])
  const third = await onLmdb('later', { compactWithin: 0 })
  await compacted(third.client)
  expect(await isIn(third.path, secret('later'))).toBe(false)
  await third.client.close()
  // Nothing was erased since.
  const fourth = await onLmdb('later', { compactWithin: 0 })
  fourth.client.on('compaction', () => steps++)
  await fourth.publish(say('kept'))
  await fourth.client.close()
  expect(steps).toBe(0)
})

test('closing stops a compaction under way, and the next start takes it up', async () => {
  const first = await onLmdb('stopped', { compactWithin: 0 })
  const large = 'x'.repeat(100_000)
  for (let i = 0; i < 60; i++) await first.publish({ input: { type: 'text', content: `${i} ${large}` } })
  const erased = await first.publish(say(secret('stopped')))
  await first.client.retract(erased.id)
  await first.client.close()
  expect((await readdir(first.path)).filter(name => name !== 'data.mdb' && name !== 'lock.mdb')).toEqual([])
  const isLeft = await isIn(first.path, secret('stopped'))
  const second = await onLmdb('stopped', { compactWithin: 0 })
  const done = compacted(second.client)
  if (isLeft) await done
  expect(await isIn(second.path, secret('stopped'))).toBe(false)
  expect((await second.client.status()).store.blocks).toBe(61)
})

test('a bound of time that is none is refused by name', async () => {
  const start = (compactWithin: unknown) => startAgent({ retention: { compactWithin } as never })
  await expect(start(-1)).rejects.toMatchObject({ code: 'out-of-range', field: 'retention.compactWithin' })
  await expect(start(true)).rejects.toMatchObject({ code: 'bad-type', field: 'retention.compactWithin' })
})

test.runIf(ground.has)('PostgreSQL’s files are tidied the same way', { timeout: 60_000 }, async () => {
  const base = join(ground.server.data, 'base')
  const storage = await postgresStore(ground.server.address, { schema: ground.newSchema() })
  const { client, publish } = await startAgent({ storage, retention: { compactWithin: 0 } })
  const kept = await publish(say(secret('kept here')))
  const erased = await publish(say(secret('the server')))
  await ground.admin.query('CHECKPOINT')
  expect(await isIn(base, secret('the server'))).toBe(true)
  const done = compacted(client)
  await client.retract(erased.id)
  await done
  await ground.admin.query('CHECKPOINT')
  expect([await isIn(base, secret('the server')), await isIn(base, secret('kept here'))]).toEqual([false, true])
  expect((await client.get(kept.id))?.id).toBe(kept.id)
})
