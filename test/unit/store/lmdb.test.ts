import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { openBlockStore } from '../../../src/store/index'
import { collect } from '../../../src/testing/suite-tools'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb-unit.'))
const bundles = { with: join(root, 'with-lmdb'), without: join(root, 'without-lmdb') }

/** The programs run as plain Node would run them, beside a `node_modules` with lmdb and away from one. */
beforeAll(async () => {
  for (const outDir of Object.values(bundles)) {
    await build({
      configFile: false,
      logLevel: 'silent',
      resolve: { alias: { '#platform': here('../../../src/platform/node.ts') } },
      ssr: { noExternal: true, external: ['lmdb'] },
      build: {
        ssr: true,
        outDir,
        target: 'node20',
        rollupOptions: {
          input: {
            writer: here('fixtures/lmdb-writer.ts'),
            opener: here('fixtures/lmdb-opener.ts'),
            filler: here('fixtures/lmdb-filler.ts'),
          },
          output: { entryFileNames: '[name].mjs' },
        },
      },
    })
  }
  await symlink(here('../../../node_modules'), join(bundles.with, 'node_modules'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function openInChild(bundle: string, path: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(bundle, 'opener.mjs'), path])
  return JSON.parse(stdout) as Record<string, unknown>
}

/** Kills the writer without warning once it has acknowledged this many blocks; answers what it acknowledged. */
function killedAfter(count: number, path: string, round: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(bundles.with, 'writer.mjs'), path, `${round}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.split('\n').length > count) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(output.split('\n').slice(0, -1))
      else reject(new Error('the writer ended by itself'))
    })
  })
}

test('every acknowledged block survives a SIGKILL of its writer, with log, indexes and totals in step', async () => {
  const path = join(root, 'killed')
  const acknowledged: string[] = []
  for (const round of [1, 2, 3]) acknowledged.push(...(await killedAfter(40 + round * 17, path, round)))
  expect(acknowledged.length).toBeGreaterThan(200)

  const store = await openBlockStore(await lmdbStorage(path))
  expect((await store.has(acknowledged)).every(Boolean)).toBe(true)
  const log = await collect(store.log())
  const blocks = await collect(store.query({ kind: 'embedding', model: 'test:model' }))
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1))
  expect(new Set(log.map(({ id }) => id))).toEqual(new Set(blocks.map(({ block }) => block.id)))
  expect(log.length).toBeGreaterThanOrEqual(acknowledged.length)
  const bytes = blocks.reduce((sum, { block }) => sum + block.bytes.length, 0)
  expect(await store.stats()).toEqual({ blocks: log.length, admitted: log.length, bytes })
  await store.close()
})

test('without the package it is a missing peer that says how to install it', async () => {
  const error = { code: 'missing-peer', package: 'lmdb', install: 'npm install lmdb' }
  expect(await openInChild(bundles.without, join(root, 'never'))).toMatchObject(error)
  expect(await openInChild(bundles.with, join(root, 'child'))).toEqual({})
})

test('a place that cannot be written, and a file of something else, are refused with a hint', async () => {
  await writeFile(join(root, 'file'), 'not a directory')
  await expect(lmdbStorage(join(root, 'file', 'below'))).rejects.toMatchObject({
    code: 'storage',
    hint: expect.stringContaining('directory'),
  })
  await expect(lmdbStorage(join(root, 'file'))).rejects.toMatchObject({
    code: 'storage',
    hint: expect.stringContaining('directory'),
  })
  await mkdir(join(root, 'foreign'))
  for (const content of ['short', 'of something else, long enough to have a place for the magic number']) {
    await writeFile(join(root, 'foreign', 'data.mdb'), content)
    await expect(lmdbStorage(join(root, 'foreign'))).rejects.toMatchObject({ code: 'storage', field: 'path' })
  }
})

test('a disk that is full rejects the batch with storage; the process lives on and nothing stored is lost', async () => {
  // The limit on the size of files stands in for the disk's: the engine's writes fail alike.
  const command = `trap '' XFSZ; ulimit -f 4000; exec "$0" "$@"`
  const { stdout } = await promisify(execFile)('bash', [
    '-c',
    command,
    process.execPath,
    join(bundles.with, 'filler.mjs'),
    join(root, 'full'),
  ])
  const { stored, codes, left, after } = JSON.parse(stdout) as Record<string, unknown>
  expect(stored).toBeGreaterThan(10)
  expect(codes).toEqual(['storage', 'storage', 'storage'])
  expect(left).toBe(stored)
  expect(after).toBe('readable')
})

test('a directory whose name has a dot is a directory', async () => {
  const storage = await lmdbStorage(join(root, 'agent.data'))
  await storage.batch([{ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(2) }])
  await storage.close()
  const again = await lmdbStorage(join(root, 'agent.data'))
  expect(await again.get(Uint8Array.of(1))).toEqual(Uint8Array.of(2))
  await again.close()
})
