import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { lmdbStorage, salvageLmdb, type SalvageProgress } from '../../../src/adapters/storage/lmdb'
import { SyncClient } from '../../../src/client/index'
import { createBlock } from '../../../src/block/index'
import { openDeferredQueue } from '../../../src/ingest/index'
import { openBlockStore } from '../../../src/store/index'
import { retractionOf } from '../../../src/testing/store-erasing'
import { signerOf, storedBlock } from '../../tools/stored-block'

const root = await mkdtemp(join(tmpdir(), 'cosmic-lmdb-salvage.'))
afterAll(() => rm(root, { recursive: true, force: true }))

const PAGE = 16_384
const large = await storedBlock({ text: 'y'.repeat(90_000), author: 3 })
const blocks = [
  ...(await Promise.all(Array.from({ length: 400 }, (_, i) => storedBlock({ text: `block ${i} ${'x'.repeat(700)}` })))),
  large,
]

async function filled(name: string): Promise<string> {
  const path = join(root, name)
  const store = await openBlockStore(await lmdbStorage(path))
  for (let i = 0; i < blocks.length; i += 64) await store.put(blocks.slice(i, i + 64))
  await store.close()
  return path
}

const sound = await filled('sound')

/** A copy of the sound file after `change`. */
async function changed(name: string, change: (bytes: Buffer) => void): Promise<string> {
  const path = join(root, name)
  await mkdir(path)
  const bytes = await readFile(join(sound, 'data.mdb'))
  change(bytes)
  await writeFile(join(path, 'data.mdb'), bytes)
  return path
}

async function client() {
  const client = new SyncClient({ signer: await signerOf(9) })
  await client.start()
  onTestFinished(() => client.close())
  return client
}

/** What a new client has of it. */
async function salvaged(path: string) {
  const agent = await client()
  const told: SalvageProgress[] = []
  const report = await agent.import(salvageLmdb(path, { onProgress: progress => told.push(progress) }))
  const held = await Promise.all(blocks.map(({ block }) => agent.get(block.id)))
  return { report, last: told.at(-1)!, held: held.filter(block => block !== undefined).length, agent }
}

test('of a sound file everything is salvaged, and the file is as it was', async () => {
  const before = await readFile(join(sound, 'data.mdb'))
  const { report, last, held } = await salvaged(sound)
  expect([report.stored, report.refused, held]).toEqual([401, 0, 401])
  expect(last).toMatchObject({ pages: last.total, blocks: 401, damaged: 0 })
  expect(before.equals(await readFile(join(sound, 'data.mdb')))).toBe(true)
})

test('bits flipped anywhere cost at most the page that they are on, also where the file is refused', async () => {
  const { length } = await readFile(join(sound, 'data.mdb'))
  let refused = 0
  for (let round = 0; round < 24; round++) {
    // Every other time within the head of a page, by which LMDB would be led astray.
    const page = 2 + ((round * 7919) % Math.floor(length / PAGE - 2))
    const at = page * PAGE + (round % 2 === 0 ? (round * 5) % 64 : (round * 977) % PAGE)
    const path = await changed(`flipped-${round}`, bytes => (bytes[at]! ^= 1 << (round % 8)))
    await lmdbStorage(path, { verify: true }).then(
      storage => storage.close(),
      () => refused++,
    )
    const { held, report } = await salvaged(path)
    expect(report.stored).toBe(held)
    // At 700 bytes and more a record, sixteen are on a page.
    expect(held).toBeGreaterThan(401 - 20)
  }
  expect(refused).toBeGreaterThan(3)
}, 120_000)

test('without its first pages, or cut in half, the rest is read', async () => {
  const headless = await changed('headless', bytes => bytes.fill(0, 0, 2 * PAGE))
  await expect(lmdbStorage(headless)).rejects.toMatchObject({ code: 'storage' })
  expect((await salvaged(headless)).held).toBe(401)
  const cut = await changed('cut', () => {})
  const { length } = await readFile(join(cut, 'data.mdb'))
  await truncate(join(cut, 'data.mdb'), length / 2)
  await expect(lmdbStorage(cut)).rejects.toMatchObject({ code: 'storage' })
  expect((await salvaged(cut)).held).toBeGreaterThan(100)
})

test('an altered block is refused by its signature, and told; noise is no store', async () => {
  const path = await changed('altered', bytes => {
    const at = bytes.indexOf('block 7 ')
    for (let from = at; from >= 0; from = bytes.indexOf('block 7 ', from + 1)) bytes.write('block 8', from)
  })
  const { held, report, last } = await salvaged(path)
  expect([held, report.stored]).toEqual([400, 400])
  expect(report.refused + last.damaged).toBeGreaterThan(0)
  const noise = await changed('noise', bytes => {
    for (let i = 0, x = 1; i < bytes.length; i++) bytes[i] = (x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16
  })
  await expect(salvaged(noise)).rejects.toMatchObject({ code: 'storage', field: 'path' })
})

test('what was withdrawn does not come back', async () => {
  const path = join(root, 'withdrawn')
  await mkdir(path)
  await copyFile(join(sound, 'data.mdb'), join(path, 'data.mdb'))
  const store = await openBlockStore(await lmdbStorage(path))
  await store.put([await retractionOf(blocks[5]!.block.id, 0)])
  await store.close()
  const { held, agent } = await salvaged(path)
  expect(held).toBe(400)
  expect(await agent.get(blocks[5]!.block.id, { admitted: false })).toBeUndefined()
})

test('a file of something else rejects, an empty store has nothing, and what waits for its time waits again', async () => {
  const foreign = join(root, 'foreign')
  const storage = await lmdbStorage(foreign)
  await storage.batch([{ type: 'put', key: Uint8Array.of(1), value: new Uint8Array(99) }])
  await storage.close()
  await expect(salvaged(foreign)).rejects.toMatchObject({ code: 'storage', field: 'path' })
  const path = join(root, 'waiting')
  await (await openBlockStore(await lmdbStorage(path))).close()
  expect((await salvaged(path)).report).toMatchObject({ stored: 0, refused: 0 })
  const store = await openBlockStore(await lmdbStorage(path))
  const queue = await openDeferredQueue(store.side)
  const until = Date.now() + 3_600_000
  const block = await createBlock(
    { embedding: [1], model: 'test:model', input: { type: 'text', content: 'later' }, time: until },
    await signerOf(1),
  )
  await queue.add([{ id: block.id, until, bytes: block.bytes }], 'did:key:someone')
  await store.close()
  const { report, last } = await salvaged(path)
  expect([last.blocks, report.stored]).toEqual([1, 0])
  expect(report).toMatchObject({ refused: 0 })
})

test('a directory without a file, and a signal that fires, reject', async () => {
  const agent = await client()
  await expect(agent.import(salvageLmdb(join(root, 'nowhere')))).rejects.toMatchObject({
    code: 'storage',
    field: 'path',
  })
  const stopped = agent.import(salvageLmdb(sound, { signal: AbortSignal.abort() }))
  await expect(stopped).rejects.toMatchObject({ code: 'aborted' })
})
