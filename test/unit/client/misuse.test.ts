import { expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { toJSON } from '../../../src/block/json'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage } from '../../../src/store/index'
import { startAgent } from './agents'

const signer = await Signer.generate()
const construct = (options: unknown) => () => new SyncClient(options as never)

test.each([
  ['nothing', undefined, 'options'],
  ['no signer', {}, 'signer'],
  ['a signer that was not awaited', { signer: Signer.generate() }, 'signer'],
  ['a storage that was not awaited', { signer, storage: Promise.resolve() }, 'storage'],
  ['a path for a storage', { signer, storage: './data' }, 'storage'],
  ['one transport for a list', { signer, transports: {} }, 'transports'],
  ['a list with a hole', { signer, transports: [null] }, 'transports[0]'],
  ['an embedder that was not awaited', { signer, embedder: Promise.resolve() }, 'embedder'],
  ['a policy for a validator', { signer, validator: { maxSkew: 1 } }, 'validator'],
  ['a number for a network', { signer, network: 5 }, 'network'],
])('new SyncClient with %s', (_, options, field) => {
  expect(construct(options)).toThrow(expect.objectContaining({ code: 'bad-type', field, hint: expect.any(String) }))
})

test('a second client on one storage is refused, and leaves the first its own', async () => {
  const storage = memoryStorage()
  const first = new SyncClient({ signer, storage })
  await first.start()
  const second = new SyncClient({ signer: await Signer.generate(), storage })
  await expect(second.start()).rejects.toMatchObject({ code: 'storage', field: 'storage' })
  await second.close()
  const { id } = await first.publish(await createBlock({ embedding: [1, 0], model: 'a:b' }, signer))
  expect((await first.get(id))?.id).toBe(id)
  await first.close()
})

test('limits of names and periods', () => {
  expect(construct({ signer, network: 'x'.repeat(65) })).toThrow(
    expect.objectContaining({ code: 'out-of-range', limit: 64 }),
  )
  const timing = { heartbeat: 0 }
  expect(construct({ signer, timing })).toThrow(
    expect.objectContaining({ code: 'out-of-range', field: 'timing.heartbeat' }),
  )
})

test('what is no block is not published, what is no question is not searched', async () => {
  const { client, publish } = await startAgent()
  const block = await publish()
  for (const wrong of [undefined, null, {}, 5, createBlock({ embedding: [1], model: 'a:b' }, signer), toJSON(block)]) {
    await expect(client.publish(wrong as never)).rejects.toMatchObject({ code: 'bad-type', field: 'block' })
  }
  for (const wrong of [undefined, null, 5, toJSON(block), { length: 4e9 }]) {
    await expect(client.search(wrong as never, { model: 'test:two' })).rejects.toMatchObject({
      code: 'bad-type',
      field: 'query',
    })
  }
  await expect(client.get(null as never)).rejects.toMatchObject({ code: 'bad-type', field: 'id' })
  expect(await client.get('nonsense')).toBeUndefined()
})

test('search options that are none are refused by name, misspelt filters too', async () => {
  const { client } = await startAgent()
  const search = (options: unknown) => client.search([1, 0], options as never)
  await expect(search(null)).rejects.toMatchObject({ code: 'bad-type', field: 'options' })
  await expect(search({ model: 5 })).rejects.toMatchObject({ code: 'bad-type', field: 'model' })
  await expect(search({ model: 'a:b', where: null })).rejects.toMatchObject({ code: 'bad-type', field: 'where' })
  await expect(search({ model: 'a:b', where: { tags: 'x' } })).rejects.toMatchObject({ field: 'where.tags' })
  await expect(search({ model: 'a:b', where: { tag: ['x'] } })).rejects.toMatchObject({ code: 'unknown-field' })
  await expect(client.search(new Float32Array(9_000), { model: 'a:b' })).rejects.toMatchObject({ code: 'wrong-length' })
})

test('an embedder that throws is a typed error which keeps the model’s words to itself', async () => {
  const embed = () => Promise.reject(new Error('key sk-123 refused'))
  const { client } = await startAgent({ embedder: { modelId: 'a:b', dimensions: 2, embed } })
  const failed = await client.search('text').catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'embedder', cause: expect.any(Error) })
  expect(String(failed)).not.toContain('sk-123')
})

test('a client without transports waits for nobody, and a closed one hands out no more blocks', async () => {
  const { client } = await startAgent()
  await expect(client.waitForSync()).rejects.toMatchObject({ code: 'no-transport' })
  await client.close()
  expect(await client.subscribe().next()).toEqual({ done: true, value: undefined })
})

test('a listener that throws is told to `error`, and disturbs nobody', async () => {
  const { client, publish } = await startAgent()
  const errors: unknown[] = []
  client.on('error', ({ error }) => errors.push(error))
  client.on('block', () => {
    throw new Error('sync')
  })
  client.on('block', () => Promise.reject(new Error('async')))
  const heard = client.subscribe().next()
  const { id } = await publish()
  expect((await heard).value?.id).toBe(id)
  expect(errors.map(String)).toEqual(['Error: sync', 'Error: async'])
})

test('a subscription ends for whoever waits, and several readers share it', async () => {
  const { client, publish } = await startAgent()
  const subscription = client.subscribe()
  const [first, second, third] = [subscription.next(), subscription.next(), subscription.next()]
  const blocks = [await publish({ tags: ['a'] }), await publish({ tags: ['b'] })]
  expect([(await first).value?.id, (await second).value?.id]).toEqual(blocks.map(({ id }) => id))
  await subscription.return()
  expect(await third).toEqual({ done: true, value: undefined })
})

test('an expired block is neither read nor found', async () => {
  let now = Date.now()
  const { client, publish } = await startAgent({ ports: { clock: { now: () => now } } })
  const brief = await publish({ expires: now + 10_000 })
  expect((await client.search([0.6, 0.8], { model: 'test:two' })).hits).toHaveLength(1)
  now += 10_000
  expect(await client.get(brief.id)).toBeUndefined()
  expect((await client.get(brief.id, { admitted: false }))?.id).toBe(brief.id)
  expect((await client.search([0.6, 0.8], { model: 'test:two' })).hits).toEqual([])
})
