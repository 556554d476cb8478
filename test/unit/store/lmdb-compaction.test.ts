import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { concat } from '../../../src/base/index'
import type { RangeOptions } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'
import { bundlePrograms, killedAfter, type Programs } from './programs'

const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb-compaction.'))
let programs: Programs
beforeAll(async () => void (programs = await bundlePrograms(root, { compactor: 'lmdb-compactor.ts' })), 60_000)
afterAll(() => rm(root, { recursive: true, force: true }))

const key = (space: number, i: number) => Uint8Array.of(space, i >> 8, i & 255)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Every byte of every file of a directory. */
async function files(path: string): Promise<Buffer> {
  const found = await readdir(path, { recursive: true, withFileTypes: true })
  const contents = found.filter(entry => entry.isFile()).map(entry => readFile(join(entry.parentPath, entry.name)))
  return Buffer.concat(await Promise.all(contents))
}

const MARK = randomBytes(6)

/** Eight bytes over and over, which say whose they are. */
const payload = (i: number) =>
  Buffer.alloc((i % 40 === 0 ? 40_000 : 104) + 16 * (i % 140), concat(MARK, key(0, i).slice(1)))

/** Whose payloads have left a trace in the files. */
async function traces(path: string): Promise<Set<number>> {
  const all = await files(path)
  const found = new Set<number>()
  for (let at = all.indexOf(MARK); at >= 0; at = all.indexOf(MARK, at + 1)) {
    if (at + 8 <= all.length) found.add(all.readUInt16BE(at + 6))
  }
  return found
}

test('what was erased is in no file after compaction, neither in freed pages nor in the gaps of others', async () => {
  const path = join(root, 'erased')
  const storage = await lmdbStorage(path)
  const index = (i: number) => concat(key(2, i), payload(i).subarray(0, 32))
  for (const i of upTo(400)) {
    const entry = { type: 'put', key: index(i), value: new Uint8Array(1) } as const
    await storage.batch([{ type: 'put', key: key(1, i), value: payload(i) }, entry])
  }
  const erased = upTo(400).filter(i => i % 3 > 0)
  for (const i of erased) {
    const stub = { type: 'put', key: key(1, i), value: Uint8Array.of(1) } as const
    const deletions = [key(1, i), index(i)].map(k => ({ type: 'delete', key: k }) as const)
    await storage.batch([...deletions, ...(i % 2 === 0 ? [stub] : [])])
  }
  const kept = new Set(upTo(400).filter(i => i % 3 === 0))
  expect((await traces(path)).size).toBeGreaterThan(184)
  const before = (await stat(join(path, 'data.mdb'))).size
  expect(await storage.compact!()).toBe(true)
  expect(await traces(path)).toEqual(kept)
  expect((await stat(join(path, 'data.mdb'))).size).toBeLessThan(before * 0.7)
  await storage.batch(upTo(30).map(i => ({ type: 'put', key: key(3, i), value: new Uint8Array(100) }) as const))
  expect(await traces(path)).toEqual(kept)
  for (const i of upTo(400)) {
    const value = await storage.get(key(1, i))
    const expected = kept.has(i) ? payload(i) : i % 2 === 0 ? Uint8Array.of(1) : undefined
    expect(value && Buffer.compare(value, expected!)).toBe(expected && 0)
  }
  await storage.close()
  expect(await traces(path)).toEqual(kept)
})

test('there is nothing to compact until something is deleted, also after opening again', async () => {
  const path = join(root, 'nothing')
  const storage = await lmdbStorage(path)
  await storage.batch(upTo(300).map(i => ({ type: 'put', key: key(1, i), value: new Uint8Array(500) }) as const))
  const { ino } = await stat(join(path, 'data.mdb'))
  expect(await storage.compact!()).toBe(true)
  expect((await stat(join(path, 'data.mdb'))).ino).toBe(ino)
  await storage.batch([{ type: 'delete', key: key(1, 3) }])
  await storage.close()
  const again = await lmdbStorage(path)
  expect(await again.compact!({ budgetMs: 0 })).toBe(false)
  expect(await again.compact!()).toBe(true)
  expect((await stat(join(path, 'data.mdb'))).ino).not.toBe(ino)
  expect((await collect(again.range())).length).toBe(299)
  await again.close()
})

test('a range under way keeps its state; compaction waits for its end, or answers false when its budget is spent', async () => {
  const storage = await lmdbStorage(join(root, 'ranges'))
  await storage.batch(upTo(600).map(i => ({ type: 'put', key: key(1, i), value: Uint8Array.of(1) }) as const))
  const range = storage.range()[Symbol.asyncIterator]()
  await range.next()
  await storage.batch([{ type: 'delete', key: key(1, 500) }])
  expect(await storage.compact!({ budgetMs: 50 })).toBe(false)
  const compacted = storage.compact!()
  let count = 1
  while (!(await range.next()).done) count++
  expect(count).toBe(600)
  expect(await compacted).toBe(true)
  expect((await collect(storage.range())).length).toBe(599)
  await storage.close()
})

test('a file of the first layout, in pages of 4 kB, is read and written as it is, and compaction brings it up to date', async () => {
  const path = join(root, 'first-layout')
  const old = open<Uint8Array, Uint8Array>({
    path,
    noSubdir: false,
    keyEncoding: 'binary',
    encoding: 'binary',
    overlappingSync: false,
  })
  old.transactionSync(() => {
    for (const i of upTo(1000)) old.putSync(key(i % 3, i), new Uint8Array(2005).fill(i))
  })
  await old.close()
  const before = (await stat(join(path, 'data.mdb'))).size
  let storage = await lmdbStorage(path)
  const check = async (fill: (i: number) => number) => {
    const expected = upTo(1001).map(i => [...key(i % 3, i), fill(i) & 255])
    expected.sort((a, b) => Buffer.compare(Uint8Array.from(a), Uint8Array.from(b)))
    const outline = async (options?: RangeOptions) =>
      (await collect(storage.range(options))).map(([k, value]) => [...k, value.length === 2005 ? value[2004] : -1])
    expect(await outline()).toEqual(expected)
    expect(await outline({ reverse: true, gte: key(1, 0) })).toEqual(expected.filter(([k]) => k! > 0).reverse())
  }
  await storage.batch([{ type: 'put', key: key(1000 % 3, 1000), value: new Uint8Array(2005).fill(5) }])
  await check(i => (i === 1000 ? 5 : i))
  await storage.close()
  storage = await lmdbStorage(path)
  expect(await storage.compact!()).toBe(true)
  await check(i => (i === 1000 ? 5 : i))
  await storage.close()
  storage = await lmdbStorage(path)
  await check(i => (i === 1000 ? 5 : i))
  const data = await readFile(join(path, 'data.mdb'))
  expect(data.readUInt32LE(48)).toBe(16_384)
  expect(data.length).toBeLessThan(before * 0.65)
  await storage.close()
})

test('a file of a later layout is refused', async () => {
  const path = join(root, 'later-layout')
  const later = open({ path, noSubdir: false, maxDbs: 4, overlappingSync: false })
  later.openDB({ name: 'layout/3' })
  await later.close()
  await expect(lmdbStorage(path)).rejects.toMatchObject({ code: 'storage', field: 'path', limit: 'layout/2' })
})

test('killed while it compacts and writes, a storage has every acknowledged entry and no deleted one', async () => {
  const path = join(root, 'killed')
  let acknowledged = -1
  for (let round = 0; round < 6; round++) {
    const lines = await killedAfter(programs.run('compactor', path, String(acknowledged + 1)), 5 + 23 * round)
    acknowledged = Number(lines.at(-1))
    const storage = await lmdbStorage(path)
    const kept = (await collect(storage.range())).map(([k, value]) => [
      k[0]! * 65_536 + k[1]! * 256 + k[2]!,
      value.length,
    ])
    const last = kept.at(-1)![0]!
    expect([acknowledged, acknowledged + 1]).toContain(last)
    // Entry i comes with the deletion of entry i − 300.
    expect(kept).toEqual(
      upTo(Math.min(300, last + 1))
        .map(i => last - Math.min(299, last) + i)
        .map(i => [i, 100 + (i % 2000)]),
    )
    expect(await readdir(path)).not.toContain('compacting')
    await storage.close()
  }
  expect(acknowledged).toBeGreaterThan(184)
})
