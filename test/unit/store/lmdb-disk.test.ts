import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { assertDataFile } from '../../../src/adapters/storage/lmdb/assert-data-file'
import { bundlePrograms, type Programs } from './programs'

const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb-disk.'))
let programs: Programs
beforeAll(async () => {
  programs = await bundlePrograms(root, {
    mutants: 'lmdb-mutants.ts',
    'full-disk': 'lmdb-full-disk.ts',
    'full-switch': 'lmdb-full-switch.ts',
  })
}, 60_000)
afterAll(() => rm(root, { recursive: true, force: true }))

const isRoot = process.platform === 'linux' && process.getuid?.() === 0
if (!isRoot)
  console.warn(
    '\n*** SKIPPED: a full and a read-only disk for LMDB: not root on Linux, so nothing can be mounted ***\n',
  )

/** A small disk of its own. */
async function onDisk(name: string, use: (path: string) => Promise<void>, size = '4m'): Promise<void> {
  const path = join(root, name)
  await mkdir(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  try {
    await use(path)
  } finally {
    execFileSync('umount', ['--lazy', path])
  }
}

async function output(name: string, ...args: string[]): Promise<string> {
  const child = programs.run(name, ...args)
  const [said, [code, signal]] = await Promise.all([text(child.stdout!), once(child, 'exit') as Promise<unknown[]>])
  if (code !== 0)
    throw new Error(`${name} ended with ${String(code)} ${String(signal)} after ${said.split('\n').at(-2)}`)
  return said
}

test.skipIf(!isRoot).each([3000, 20_000, 200_000])(
  'on a disk full of values of %i bytes batches and compaction reject with storage, and nothing stored is lost',
  async size => {
    await onDisk(`full-${size}`, async path => {
      const said = await output('full-disk', join(path, 'store'), `${size}`)
      const { stored, codes, deleted, compacted, left, after } = JSON.parse(said) as Record<string, number>
      expect(stored! * size).toBeGreaterThan(1_000_000)
      expect(codes).toEqual(['storage', 'storage'])
      const expected = deleted === undefined ? stored! - 1 : stored
      if (deleted === undefined) expect(compacted).toBe('storage')
      expect([left, after]).toEqual([expected, expected])
    })
  },
)

test.skipIf(!isRoot)('on a full disk a storage is neither made nor opened without its lock file', async () => {
  await onDisk('full', async path => {
    await (await lmdbStorage(join(path, 'store'))).close()
    await rm(join(path, 'store', 'lock.mdb'))
    const fill = join(path, 'fill')
    await writeFile(fill, new Uint8Array(4 << 20)).catch(() => {})
    for (const name of ['store', 'new']) {
      await expect(lmdbStorage(join(path, name))).rejects.toMatchObject({ code: 'storage' })
    }
    await rm(fill)
    await (await lmdbStorage(join(path, 'store'))).close()
  })
})

test.skipIf(!isRoot)(
  'a disk that fills up before a compaction, or before it puts its file in place, ends no process',
  async () => {
    const use = async (path: string) => {
      const said = JSON.parse(await output('full-switch', path)) as unknown
      expect(said).toEqual({ codes: ['storage', 'storage'], left: [390, 390], compacted: true, after: 390 })
    }
    await onDisk('full-switch', use, '32m')
  },
)

test.skipIf(!isRoot)('on a disk that cannot be written a storage is refused', async () => {
  await onDisk('read-only', async path => {
    await (await lmdbStorage(join(path, 'store'))).close()
    execFileSync('mount', ['-o', 'remount,ro', path])
    for (const name of ['store', 'new']) {
      await expect(lmdbStorage(join(path, name))).rejects.toMatchObject({
        code: 'storage',
        hint: expect.stringContaining('write'),
      })
    }
  })
})

test.skipIf(process.getuid?.() === 0)('in a directory that cannot be written a storage is refused', async () => {
  const path = join(root, 'unwritable')
  await mkdir(path)
  await chmod(path, 0o555)
  await expect(lmdbStorage(path)).rejects.toMatchObject({ code: 'storage', hint: expect.stringContaining('write') })
})

const key = (...bytes: number[]) => Uint8Array.from(bytes)

/** Several trees with branches, values on pages of their own, and free pages. */
async function filled(path: string): Promise<number> {
  const storage = await lmdbStorage(path)
  for (let i = 0; i < 40; i++) {
    const put = (k: Uint8Array, bytes: number) =>
      ({ type: 'put', key: k, value: new Uint8Array(bytes).fill(i) }) as const
    const of = (j: number) => [
      put(key(1, i, j), 700),
      put(key(2, (i * 37) & 255, (j * 101) & 255, i, j), 1),
      put(key(3, i, j), j ? 10 : 40_000),
    ]
    await storage.batch(Array.from({ length: 20 }, (_, j) => of(j)).flat())
  }
  await storage.batch(Array.from({ length: 20 }, (_, i) => ({ type: 'delete', key: key(1, i, 5) }) as const))
  await storage.close()
  return 40 * 60 - 20
}

test('bits flipped anywhere in a closed file end no process: it is refused, or all but what was hit is read', async () => {
  const path = join(root, 'flipped')
  const entries = await filled(path)
  const said = await output('mutants', join(path, 'data.mdb'), join(root, 'mutant'), '0', '60')
  const lines = said
    .trim()
    .split('\n')
    .map(line => line.split(' ').slice(1).join(' '))
  expect(lines.length).toBe(60)
  const refused = lines.filter(line => line === 'storage').length
  expect(refused).toBeGreaterThan(3)
  const read = lines.filter(line => line !== 'storage')
  for (const line of read) {
    const [up, down, outcomes] = line.split(' ')
    for (const count of [up, down]) expect(Math.abs(Number(count) - entries)).toBeLessThan(entries / 10)
    expect(['undefined', 'storage', 'undefined,storage']).toContain(outcomes)
  }
  expect(read.filter(line => line.startsWith(`${entries} ${entries} `)).length).toBeGreaterThan(24)
}, 120_000)

test('every page of a sound file passes, whatever was done to it', async () => {
  const path = join(root, 'sound')
  await filled(path)
  const storage = await lmdbStorage(path)
  const file = join(path, 'data.mdb')
  for (let round = 0; round < 60; round++) {
    const keys = Array.from({ length: 30 }, (_, i) => key(1 + ((i * round) % 5), (i * 31 + round * 17) & 255, i))
    const change = (k: Uint8Array, i: number) =>
      i % 3 === 0
        ? ({ type: 'delete', key: k } as const)
        : ({ type: 'put', key: k, value: new Uint8Array((i * round * 97) % 30_000) } as const)
    await storage.batch(keys.map(change))
    if (round % 20 === 10) await storage.compact!()
    assertDataFile(file, true)
  }
  await storage.close()
  expect((await readFile(file)).length).toBeGreaterThan(1 << 20)
})
