import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lmdbStorage } from '../../../src/adapters/storage/lmdb'
import { postgresStore } from '../../../src/adapters/storage/postgres'
import { SyncClient, type SyncClientOptions } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage, openBlockStore, type BlockStore } from '../../../src/store/index'
import { sampleBlocks } from '../../../src/testing/sample-blocks'
import { membersOf, retractionOf } from '../../../src/testing/store-erasing'
import { collect } from '../../../src/testing/suite-tools'
import { startPglite } from '../../tools/pglite-server'

/** All that a copy takes along: blocks, in the order of lists, and the answers of indexes. */
async function contents(store: BlockStore) {
  const all = await collect(store.query({ admittedOnly: false }))
  return {
    blocks: all.map(({ block }) => [block.id, Buffer.from(block.bytes).toString('base64')]),
    tags: await store.terms('tag'),
    authors: await store.terms('author'),
    members: (await membersOf(store)).sort(),
  }
}

/** Copies into a new client's storage, and hands on what it holds. */
async function copied(from: BlockStore, storage: NonNullable<SyncClientOptions['storage']>, stored: number) {
  const client = new SyncClient({ signer: await Signer.generate(), storage })
  await client.start()
  const report = await client.copyFrom(from)
  expect(report).toMatchObject({ stored, refused: 0, missing: 0 })
  await client.close()
}

test('from LMDB to PostgreSQL to LMDB to memory, the same blocks are in every store, and what was withdrawn in none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cosmic-copy-chain-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const pglite = await startPglite()
  onTestFinished(() => pglite.stop())
  const inLmdb = async (name: string) => openBlockStore(await lmdbStorage(join(folder, name)))
  const inPostgres = () => postgresStore({ connectionString: pglite.address, max: 1 }, { follow: 'none' })

  const first = await inLmdb('first')
  const blocks = await sampleBlocks()
  await first.put(blocks)
  const retraction = await retractionOf(blocks[4]!.block.id, 0)
  await first.put([retraction])
  const expected = await contents(first)
  expect(expected.blocks.length).toBe(24)

  await copied(first, await inPostgres(), 24)
  await first.close()
  const second = await inPostgres()
  expect(await contents(second)).toEqual(expected)
  await copied(second, await lmdbStorage(join(folder, 'third')), 24)
  await second.close()
  const third = await inLmdb('third')
  expect(await contents(third)).toEqual(expected)
  const memory = memoryStorage()
  const lasting = new Proxy(memory, {
    get: (target, name) =>
      name === 'close' ? async () => {} : (Reflect.get(target, name) as () => unknown).bind(target),
  })
  await copied(third, lasting, 24)
  const last = await openBlockStore(memory)
  expect(await contents(last)).toEqual(expected)
  expect([await last.has([blocks[4]!.block.id]), await last.put([blocks[4]!])]).toEqual([[false], ['retracted']])
  await third.close()
}, 60_000)
