import { expect, onTestFinished, test } from 'vitest'
import { indexedDbStorage } from '../../src/adapters/storage/indexeddb'
import { SyncClient, type SyncClientOptions } from '../../src/client/index'
import { Signer } from '../../src/signer/index'
import { memoryStorage, openBlockStore, type BlockStore } from '../../src/store/index'
import { sampleBlocks } from '../../src/testing/sample-blocks'
import { retractionOf } from '../../src/testing/store-erasing'
import { collect } from '../../src/testing/suite-tools'

const contents = async (store: BlockStore) => ({
  blocks: (await collect(store.query({ admittedOnly: false }))).map(({ block }) => [block.id, [...block.bytes].join()]),
  tags: await store.terms('tag'),
})

async function copied(from: BlockStore, storage: NonNullable<SyncClientOptions['storage']>) {
  const client = new SyncClient({ signer: await Signer.generate(), storage })
  await client.start()
  expect(await client.copyFrom(from)).toMatchObject({ stored: 24, refused: 0, missing: 0 })
  const { store } = await client.status()
  expect(store.blocks).toBe(24)
  return client
}

test('from memory to IndexedDB to memory, the same blocks are in every store, and what was withdrawn in none', async () => {
  const name = `copy-${crypto.randomUUID()}`
  onTestFinished(() => void indexedDB.deleteDatabase(name))
  const blocks = await sampleBlocks()
  const first = await openBlockStore(memoryStorage())
  await first.put(blocks)
  await first.put([await retractionOf(blocks[4]!.block.id, 0)])
  const expected = await contents(first)
  await (await copied(first, await indexedDbStorage(name))).close()
  const second = await openBlockStore(await indexedDbStorage(name))
  expect(await contents(second)).toEqual(expected)
  const last = await openBlockStore(memoryStorage())
  const client = await copied(second, last)
  expect(await contents(last)).toEqual(expected)
  expect([await last.has([blocks[4]!.block.id]), await last.put([blocks[4]!])]).toEqual([[false], ['retracted']])
  await client.close()
  await second.close()
})
