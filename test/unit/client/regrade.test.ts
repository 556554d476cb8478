import { expect, onTestFinished, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { ok } from '../../../src/base/index'
import { createBlock, createWitness, type Block } from '../../../src/block/index'
import { SyncClient, type SyncClientOptions } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage, type KeyValueStorage } from '../../../src/store/index'
import { CosmicValidator, type Policy, type TimeProof } from '../../../src/validate/index'
import { startAgents } from './agents'

const witnesses = await Promise.all([11, 12, 13].map(seed => Signer.fromSeed(new Uint8Array(32).fill(seed))))
const stranger = await Signer.fromSeed(new Uint8Array(32).fill(14))
const of = witnesses.map(({ did }) => did)
const policy: Policy = {
  rules: [{ name: 'witnessed', when: { kinds: ['embedding'] }, require: { notAfter: { of, atLeast: 2 } } }],
}

const search = async (client: SyncClient) => {
  const { hits } = await client.search([0.6, 0.8], { model: 'test:two' })
  return hits.map(({ block, verdict }) => ({ id: block.id, seen: verdict.grades.notAfter?.witnesses.length }))
}

async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 400 && !(await holds()); i++) await new Promise(resolve => setTimeout(resolve, 10))
  expect(await holds()).toBe(true)
}

async function agent(options: Partial<SyncClientOptions> = {}): Promise<SyncClient> {
  const client = new SyncClient({
    signer: await Signer.generate(),
    validator: new CosmicValidator(policy),
    ...options,
  })
  await client.start()
  onTestFinished(() => client.close())
  return client
}

const sign = async (signer: Signer, fields = {}): Promise<Block> =>
  createBlock({ embedding: [0.6, 0.8], model: 'test:two', ...fields }, signer)
const witness = async (by: Signer, id: string) => (await createWitness([id], by)).block

test('two clients: a block appears in search and in a running subscription once 2 of 3 named witnesses countersigned it', async () => {
  const network = memoryNetwork()
  const [a] = await startAgents(1)
  const reader = await agent({ transports: [memoryTransport({ network, name: 'reader' })] })
  const writer = new SyncClient({ signer: a.signer, transports: [memoryTransport({ network, name: 'writer' })] })
  await writer.start()
  onTestFinished(() => writer.close())
  await writer.connect('memory://reader')

  const stream = reader.subscribe({ kind: 'embedding' })
  const block = await sign(a.signer)
  await writer.publish(block)
  await eventually(async () => (await reader.get(block.id, { admitted: false })) !== undefined)
  expect(await reader.get(block.id)).toBeUndefined()
  expect(await search(reader)).toEqual([])

  await writer.publish(await witness(stranger, block.id))
  await writer.publish(await witness(a.signer, block.id))
  await writer.publish(await witness(witnesses[0]!, block.id))
  await eventually(async () => (await reader.status()).store.blocks === 4)
  await new Promise(resolve => setTimeout(resolve, 150))
  expect(await reader.get(block.id)).toBeUndefined()

  await writer.publish(await witness(witnesses[2]!, block.id))
  expect((await stream.next()).value).toEqual(block)
  expect(await reader.get(block.id)).toEqual(block)
  expect(await search(reader)).toEqual([{ id: block.id, seen: 2 }])

  await writer.publish(await witness(witnesses[1]!, block.id))
  await eventually(async () => (await search(reader))[0]?.seen === 3)
  await stream.return()
})

test('a time proof that comes later admits the block that it is about', async () => {
  const acme: TimeProof = { format: 'acme/now', verify: async () => ok({ time: Date.now(), by: 'acme' }) }
  const proven: Policy = { proofs: [acme], rules: [{ when: { kinds: ['embedding'] }, require: { proven: {} } }] }
  const client = await agent({ validator: new CosmicValidator(proven) })
  const block = await sign(stranger)
  await client.publish(block)
  expect(await client.get(block.id)).toBeUndefined()
  const timeproof = { block: block.id, format: acme.format, data: Uint8Array.of(1) }
  await client.publish(await createBlock({ timeproof }, witnesses[0]!))
  await eventually(async () => (await client.get(block.id)) !== undefined)
})

test('evidence that is there first, or comes in the same breath, counts at once', async () => {
  const client = await agent()
  const [first, second] = [await sign(stranger), await sign(stranger, { embedding: [0.8, 0.6] })]
  for (const by of witnesses.slice(1)) await client.publish(await witness(by, first.id))
  await client.publish(first)
  expect(await client.get(first.id)).toEqual(first)
  const all = [second, ...(await Promise.all(witnesses.map(by => witness(by, second.id))))]
  await Promise.all(all.map(block => client.publish(block)))
  await eventually(async () => (await client.get(second.id)) !== undefined)
})

test('one signature of each witness covers a batch, whatever comes first: witness or inclusions', async () => {
  const client = await agent()
  const blocks = await Promise.all([1, 2, 3].map(i => sign(stranger, { embedding: [i, 1] })))
  for (const block of blocks) await client.publish(block)
  const ids = blocks.map(({ id }) => id)
  const [one, two] = [await createWitness(ids, witnesses[0]!), await createWitness(ids, witnesses[1]!)]
  await client.publish(one.block)
  for (const inclusion of [...one.inclusions, ...two.inclusions]) {
    await client.publish(await createBlock({ inclusion }, stranger))
  }
  await new Promise(resolve => setTimeout(resolve, 150))
  expect(await client.get(ids[0]!)).toBeUndefined()
  await client.publish(two.block)
  await eventually(async () => (await Promise.all(ids.map(id => client.get(id)))).every(Boolean))
})

test('what an earlier run left undone, or another policy asks, is judged anew after the start', async () => {
  const storage = memoryStorage()
  const kept = new Proxy(storage, {
    get: (target, name: keyof KeyValueStorage) =>
      name === 'close' ? async () => {} : (target[name] as () => unknown).bind(target),
  })
  const strict = await agent({
    storage: kept,
    validator: new CosmicValidator({ require: { notAfter: { of: [stranger.did], atLeast: 1 } } }),
  })
  const block = await sign(await Signer.generate())
  await strict.publish(block)
  for (const by of witnesses) await strict.publish(await witness(by, block.id))
  expect(await strict.get(block.id)).toBeUndefined()
  await strict.close()
  const client = await agent({ storage: kept })
  await eventually(async () => (await client.get(block.id)) !== undefined)
  await eventually(async () => (await search(client)).length === 1)
})
