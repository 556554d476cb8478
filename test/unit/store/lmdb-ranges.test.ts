import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { rejection } from '../../../src/testing/suite-tools'

const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb-ranges.'))
afterAll(() => rm(root, { recursive: true, force: true }))

const key = (i: number) => Uint8Array.of(1 + (i >> 8), i & 255)
const puts = (count: number, value: number) =>
  Array.from({ length: count }, (_, i) => ({ type: 'put', key: key(i), value: Uint8Array.of(value) }) as const)

test('hundreds of ranges under way each show their own state, and end with the storage', async () => {
  const storage = await lmdbStorage(join(root, 'many'))
  const ranges: AsyncIterator<readonly [Uint8Array, Uint8Array]>[] = []
  for (let version = 0; version < 300; version++) {
    await storage.batch(version === 0 ? puts(260, 0) : [{ type: 'put', key: key(259), value: Uint8Array.of(version) }])
    ranges.push(storage.range()[Symbol.asyncIterator]())
    await ranges.at(-1)!.next()
  }
  for (const version of [7, 150, 255]) {
    let last = await ranges[version]!.next()
    for (let entry = last; !entry.done; entry = await ranges[version]!.next()) last = entry
    expect(last.value[1]).toEqual(Uint8Array.of(version))
  }
  await storage.close()
  expect(await rejection(ranges[0]!.next())).toBe('closed')
})

test('a range of a page holds nothing back, even when nobody ends it', async () => {
  const storage = await lmdbStorage(join(root, 'one-page'))
  for (let i = 0; i < 1100; i++) {
    await storage.batch(i === 0 ? puts(20, 0) : [{ type: 'put', key: key(i % 20), value: Uint8Array.of(1) }])
    await storage.range()[Symbol.asyncIterator]().next()
  }
  expect(await storage.get(key(1))).toEqual(Uint8Array.of(1))
  await storage.close()
})
