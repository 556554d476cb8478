import { afterAll, describe, expect, test } from 'vitest'
import { postgresStore } from '../../../src/adapters/storage/postgres'
import { createBlock } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { startPglite } from '../../tools/pglite-server'
import { signerOf } from '../../tools/stored-block'

const model = 'test:model'
let count = 0

/** One session: each client has the server to itself. */
async function withServer(vectors: boolean) {
  const pglite = await startPglite({ vectors })
  const schema = `client_${++count}`
  const start = async (options: { vectors?: boolean } = {}) => {
    const connection = { connectionString: pglite.address, max: 1 }
    const storage = await postgresStore(connection, { schema, follow: 'none', ...options })
    const client = new SyncClient({ signer: await signerOf(1), storage })
    await client.start()
    return client
  }
  return { start, stop: () => pglite.stop() }
}

const blockOf = async (embedding: number[], fields: { tags?: string[]; supersedes?: string[] } = {}) =>
  createBlock({ embedding, model, input: { type: 'text', content: `${embedding}` }, ...fields }, await signerOf(1))

describe.each([
  ['with pgvector', true, 'pgvector', 'server'],
  ['without pgvector', false, 'scalar', 'own'],
] as const)('a client on PostgreSQL %s', (_name, vectors, kernels, thread) => {
  const server = withServer(vectors)
  afterAll(async () => (await server).stop())

  test('publishes, finds by meaning, withdraws, and goes on after a restart', { timeout: 60_000 }, async () => {
    const { start } = await server
    const client = await start()
    const blocks = [await blockOf([1, 0]), await blockOf([0.8, 0.6], { tags: ['near'] }), await blockOf([0, 1])]
    for (const block of blocks) await client.publish(block)
    const find = async (from: SyncClient, options = {}) =>
      (await from.search([1, 0.1], { model, ...options })).hits.map(({ block }) => block.id)
    const [a, b, c] = blocks.map(({ id }) => id)
    expect(await find(client)).toEqual([a, b, c])
    expect(await find(client, { where: { tags: ['near'] }, k: 1 })).toEqual([b])
    expect((await client.status()).search).toMatchObject({ kernels, thread, spaces: [{ model, dims: 2, size: 3 }] })
    await client.retract(a!)
    expect(await find(client)).toEqual([b, c])
    await client.close()

    const again = await start()
    expect(await find(again)).toEqual([b, c])
    expect(await again.get(a!)).toBe(undefined)
    expect((await again.status()).models).toEqual([model])
    await again.close()
  })
})

test('vectors of what was stored without them are filled in', { timeout: 60_000 }, async () => {
  const { start, stop } = await withServer(true)
  const before = await start({ vectors: false })
  const blocks = [await blockOf([1, 0]), await blockOf([0, 1])]
  for (const block of blocks) await before.publish(block)
  expect((await before.status()).search.kernels).toBe('scalar')
  await before.close()
  const after = await start()
  const { hits } = await after.search([0, 1], { model })
  expect(hits.map(({ block }) => block.id)).toEqual([blocks[1]!.id, blocks[0]!.id])
  expect((await after.status()).search).toMatchObject({ kernels: 'pgvector', spaces: [{ size: 2 }] })
  await after.close()
  // Once a store has vectors, every process writes them.
  const without = await start({ vectors: false })
  await without.publish(await blockOf([-1, 0]))
  await without.close()
  const last = await start()
  expect((await last.status()).search.spaces).toMatchObject([{ size: 3 }])
  await last.close()
  await stop()
})
