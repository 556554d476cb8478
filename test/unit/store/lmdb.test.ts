import { type ChildProcess, execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { CosmicError } from '../../../src/base/index'
import { openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { bundlePrograms, killedAfter, type Programs } from './programs'

const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb-unit.'))
/** The size of a page of a new database. */
const PAGE = 16_384

const FILES = { writer: 'lmdb-writer.ts', opener: 'lmdb-opener.ts', holder: 'lmdb-holder.ts' }
const bundles: { with: Programs; without: Programs } = {} as never

/** The programs beside a `node_modules` with lmdb and away from one. */
beforeAll(async () => {
  bundles.with = await bundlePrograms(root, FILES)
  bundles.without = await bundlePrograms(root, FILES, false)
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function openInChild({ folder }: Programs, path: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'opener.mjs'), path])
  return JSON.parse(stdout) as Record<string, unknown>
}

test('every acknowledged block survives a SIGKILL of its writer, with log, indexes and totals in step', async () => {
  const path = join(root, 'killed')
  const acknowledged: string[] = []
  for (const round of [1, 2, 3]) {
    const writer = bundles.with.run('writer', path, `${round}`)
    acknowledged.push(...(await killedAfter(writer, 40 + round * 17)))
  }
  expect(acknowledged.length).toBeGreaterThan(200)

  const store = await openBlockStore(await lmdbStorage(path))
  expect((await store.has(acknowledged)).every(Boolean)).toBe(true)
  const log = await collect(store.log())
  const blocks = await collect(store.query({ kind: 'embedding', model: 'test:model' }))
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1))
  expect(new Set(log.map(({ id }) => id))).toEqual(new Set(blocks.map(({ block }) => block.id)))
  expect(log.length).toBeGreaterThanOrEqual(acknowledged.length)
  const bytes = blocks.reduce((sum, { block }) => sum + block.bytes.length, 0)
  expect(await store.stats()).toMatchObject({ blocks: log.length, admitted: log.length, bytes })
  await store.close()
})

/** Processes that try for one directory at once and keep what they get; with what each said first. */
function holders(count: number, path: string): Promise<[said: string, child: ChildProcess][]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const child = bundles.with.run('holder', path)
      const [text] = (await once(child.stdout!, 'data')) as [Buffer]
      return [text.toString().trim(), child] satisfies [string, ChildProcess]
    }),
  )
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit')
}

test('of processes that open one directory at once, one gets it; killed, it locks nobody out', async () => {
  const path = join(root, 'contended')
  const found = await holders(3, path)
  expect(found.map(([said]) => said).sort()).toEqual(['held', 'storage', 'storage'])
  const owner = found.find(([said]) => said === 'held')![1]
  await Promise.all(found.filter(([, child]) => child !== owner).map(([, child]) => ended(child)))
  await expect(lmdbStorage(path)).rejects.toMatchObject({
    code: 'storage',
    field: 'path',
    hint: expect.stringContaining(`another process has it open (${owner.pid})`),
  })
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const storage = await lmdbStorage(path)
  expect(await storage.get(Uint8Array.of(1))).toEqual(Uint8Array.of(2))
  expect(await openInChild(bundles.with, path)).toMatchObject({ code: 'storage', field: 'path' })
  await storage.close()
  expect(await openInChild(bundles.with, path)).toEqual({})
})

test('this process opens a directory once, however often it tries at once, and again after closing', async () => {
  const path = join(root, 'twice')
  const opened = await Promise.allSettled([1, 2, 3].map(() => lmdbStorage(path)))
  expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  for (const result of opened) {
    if (result.status === 'fulfilled') await result.value.close()
    else expect(result.reason).toMatchObject({ code: 'storage', hint: expect.stringContaining('this process') })
  }
  await (await lmdbStorage(path)).close()
})

test.each([
  ['is of a process with the number of another one', { pid: process.ppid, start: 'another boot 1' }],
  ['is of an earlier process with the number of this one', { pid: process.pid, start: 'another boot 1' }],
  ['is of a process that is gone', { pid: 2 ** 22 + 1, start: 'another boot 1' }],
  ['is no process', { pid: 2 ** 50 }],
  ['was torn', '{"pid":'],
  ['is empty', ''],
  ['is nonsense', null],
])('an owner file that %s locks nobody out', async (_name, content) => {
  const path = await mkdtemp(join(root, 'stale.'))
  await writeFile(join(path, 'owner.json'), typeof content === 'string' ? content : JSON.stringify(content))
  await (await lmdbStorage(path)).close()
})

test('who was taken for dead and replaced writes no more and says so', async () => {
  const path = join(root, 'replaced')
  const storage = await lmdbStorage(path)
  const put = (value: number) => storage.batch([{ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(value) }])
  await put(1)
  const other = JSON.stringify({ pid: process.ppid, start: 'elsewhere' })
  await writeFile(join(path, 'owner.json'), other)
  await expect(put(2)).rejects.toMatchObject({ code: 'storage', hint: expect.stringContaining('taken') })
  expect(await storage.get(Uint8Array.of(1))).toEqual(Uint8Array.of(1))
  await storage.close()
  expect(await readFile(join(path, 'owner.json'), 'utf8')).toBe(other)
})

test('a database that was cut short is refused, or nothing of it is missing', async () => {
  const path = join(root, 'whole')
  const storage = await lmdbStorage(path)
  for (let i = 0; i < 30; i++) {
    const value = new Uint8Array(i % 5 === 0 ? 9000 : 700).fill(i)
    await storage.batch([{ type: 'put', key: Uint8Array.of(i % 23), value }])
  }
  const entries = await collect(storage.range())
  await storage.close()
  const whole = await readFile(join(path, 'data.mdb'))
  let refused = 0
  for (let size = whole.length - 1; size > 0; size -= 2048) {
    const cut = await mkdtemp(join(root, 'cut.'))
    await writeFile(join(cut, 'data.mdb'), whole.subarray(0, size))
    const result = await lmdbStorage(cut).catch((error: unknown) => error as CosmicError)
    if (result instanceof CosmicError) {
      expect(result).toMatchObject({ code: 'storage', field: 'path' })
      refused++
    } else {
      expect(await collect(result.range())).toEqual(entries)
      await result.close()
    }
  }
  expect(refused).toBeGreaterThan(20)
})

test('a file that is shorter than its engine says, because the last pages were given back, is whole', async () => {
  const path = join(root, 'short')
  const key = (i: number) => Uint8Array.of(7, i)
  const storage = await lmdbStorage(path)
  for (let i = 0; i < 6; i++) await storage.batch([{ type: 'put', key: key(i), value: new Uint8Array(9000) }])
  const large = { type: 'put', key: key(9), value: new Uint8Array(400_000) } as const
  await storage.batch([large, { type: 'delete', key: key(9) }])
  const data = await readFile(join(path, 'data.mdb'))
  const lastPage = Math.max(...[0, PAGE].map(page => Number(data.readBigUInt64LE(page + 144))))
  expect(data.length).toBeLessThan((lastPage + 1) * PAGE)
  await storage.close()
  const again = await lmdbStorage(path)
  await again.batch([large])
  expect((await collect(again.range())).map(([, { length }]) => length)).toEqual([
    ...Array<number>(6).fill(9000),
    400_000,
  ])
  await again.close()
})

test.each([
  ['the magic number of the second page', PAGE + 24],
  ['the version', 28],
  ['the size of pages', 48],
])('a database with another value for %s is refused', async (_name, at) => {
  const path = await mkdtemp(join(root, 'meta.'))
  await (await lmdbStorage(path)).close()
  const data = await readFile(join(path, 'data.mdb'))
  data[at]! ^= 0x41
  await writeFile(join(path, 'data.mdb'), data)
  await expect(lmdbStorage(path)).rejects.toMatchObject({ code: 'storage', field: 'path' })
})

test('without the package it is a missing peer that says how to install it', async () => {
  const error = { code: 'missing-peer', package: 'lmdb', install: 'npm install lmdb' }
  expect(await openInChild(bundles.without, join(root, 'never'))).toMatchObject(error)
  expect(await openInChild(bundles.with, join(root, 'child'))).toEqual({})
})

test('a place that cannot be written, and a file of something else, are refused with a hint', async () => {
  await writeFile(join(root, 'file'), 'not a directory')
  for (const path of [join(root, 'file', 'below'), join(root, 'file'), '/sys/none']) {
    const refusal = { code: 'storage', field: 'path', hint: expect.stringContaining('directory') }
    await expect(lmdbStorage(path)).rejects.toMatchObject(refusal)
  }
  await mkdir(join(root, 'foreign'))
  for (const content of ['short', 'of something else, long enough to have a place for the magic number']) {
    await writeFile(join(root, 'foreign', 'data.mdb'), content)
    await expect(lmdbStorage(join(root, 'foreign'))).rejects.toMatchObject({ code: 'storage', field: 'path' })
  }
})

test('a directory whose name has a dot is a directory', async () => {
  const storage = await lmdbStorage(join(root, 'agent.data'))
  await storage.batch([{ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(2) }])
  await storage.close()
  const again = await lmdbStorage(join(root, 'agent.data'))
  expect(await again.get(Uint8Array.of(1))).toEqual(Uint8Array.of(2))
  await again.close()
})
