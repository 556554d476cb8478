import { expect, test } from 'vitest'
import { startAgents } from './agents'

test('two agents exchange what they lack, both ways, and then each new block at once', async () => {
  const [a, b] = (await startAgents(2)) as [never, never] as Awaited<ReturnType<typeof startAgents>>
  const fromA = await a!.publish({ tags: ['a'] })
  const fromB = await b!.publish({ tags: ['b'] })
  expect(await a!.client.connect('memory://b')).toBe(b!.client.id)
  await Promise.all([a!.client.waitForSync(), b!.client.waitForSync()])
  expect((await a!.client.get(fromB.id))?.bytes).toEqual(fromB.bytes)
  expect((await b!.client.get(fromA.id))?.bytes).toEqual(fromA.bytes)

  const heard = a!.client.subscribe({ tags: ['live'] })[Symbol.asyncIterator]()
  const live = await b!.publish({ tags: ['live'] })
  expect((await heard.next()).value?.id).toBe(live.id)
})
