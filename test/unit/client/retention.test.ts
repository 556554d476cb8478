import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import type { SyncClient } from '../../../src/client/index'
import { startAgent } from './agents'

const text = (content: string) => ({ input: { type: 'text', content } as const })
const HOUR = 3_600_000

test('an expired block goes by itself, and status tells of it', async () => {
  const { client, publish } = await startAgent()
  const swept = new Promise<number>(resolve => client.on('retention', ({ expired }) => expired > 0 && resolve(expired)))
  const erased = new Promise<string>(resolve => client.on('erased', ({ block }) => resolve(block.reason)))
  const block = await publish({ ...text('short'), expires: Date.now() + 1_500 })
  expect([await erased, await swept]).toEqual(['expired', 1])
  expect(await client.get(block.id, { admitted: false })).toBeUndefined()
  expect((await client.status()).retention).toMatchObject({ expired: 1 })
  await expect(client.publish(block)).rejects.toMatchObject({ code: 'expired', field: 'expires' })
})

test('agents with different floors come to rest, and each keeps what it keeps', async () => {
  const network = memoryNetwork()
  const on = (name: string) => ({ transports: [memoryTransport({ network, name })] })
  const a = await startAgent(on('a'))
  const now = Date.now()
  const old = await a.publish({ ...text('old'), time: now - 5 * HOUR })
  const recent = await a.publish({ ...text('recent'), time: now - HOUR })
  const short = await startAgent({ ...on('b'), retention: { maxAge: 2 * HOUR } })
  await swept(short.client)
  await short.client.connect('memory://a')
  await short.client.waitForSync()
  expect([await short.client.get(old.id), (await short.client.get(recent.id))?.id]).toEqual([undefined, recent.id])
  expect((await short.client.status()).store.floor).toBeGreaterThan(now - 3 * HOUR)
  await expect(short.client.publish(old)).rejects.toMatchObject({ code: 'below-floor', field: 'time' })
  expect((await short.client.status()).peers[0]).toMatchObject({ faults: 0, received: 1 })
  expect((await a.client.get(old.id))?.id).toBe(old.id)
})

/** Resolves with the end of the next sweep. */
function swept(client: SyncClient): Promise<unknown> {
  return new Promise(resolve => client.on('retention', resolve))
}

test('a misspelt policy is refused when the client starts', async () => {
  await expect(startAgent({ retention: { maxage: 1 } as never })).rejects.toMatchObject({
    code: 'unknown-field',
    field: 'retention.maxage',
  })
})
