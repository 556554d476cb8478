import { expect, test, vi } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { createBlock } from '../../../src/block/index'
import { CONTROL_QUOTA, turnAway } from '../../../src/client/interest-gate'
import type { SyncClientOptions } from '../../../src/client/index'
import type { Interest } from '../../../src/sync/index'
import { startAgent, type Agent } from './agents'

const VIENNA = { latitude: 48.2082, longitude: 16.3738 }
const SYDNEY = { latitude: -33.87, longitude: 151.21 }
const EUROPE = { south: 35, west: -10, north: 60, east: 30 }
const TIME = 1_700_000_000_000

async function pair(a: Partial<SyncClientOptions> = {}, b: Partial<SyncClientOptions> = {}): Promise<[Agent, Agent]> {
  const network = memoryNetwork()
  const agents = Object.entries({ a, b }).map(([name, options]) =>
    startAgent({ transports: [memoryTransport({ network, name })], ...options }),
  )
  return Promise.all(agents) as Promise<[Agent, Agent]>
}

const holds = ({ client }: Agent, ...ids: string[]) =>
  Promise.all(ids.map(async id => (await client.get(id, { admitted: false })) !== undefined))

/** The first is wanted by all of `WANTS`, the second by none. */
async function publishBoth(a: Agent): Promise<[string, string]> {
  const wanted = await a.publish({ time: TIME, tags: ['physics', 'water'], place: VIENNA })
  const vector = { model: 'test:three', embedding: [1, 2, 3] }
  const other = await a.publish({ ...vector, time: TIME + 1, tags: ['physics'], place: SYDNEY })
  return [wanted.id, other.id]
}

const WANTS: Readonly<Record<string, Interest>> = {
  'a tag': { tags: ['water'] },
  'a model': { model: 'test:two' },
  'two tags': { tags: ['physics', 'water'] },
  'a tag and a model': { tags: ['physics'], model: 'test:two' },
  times: { until: TIME + 1 },
  'a tag and times': { tags: ['physics'], since: 1, until: TIME + 1 },
  'a region': { region: EUROPE },
}

test.each(['a', 'b'])('gets what it wants and no more, whatever it wants it by, when %s dials', async dialler => {
  for (const [name, interest] of Object.entries(WANTS)) {
    const [a, b] = await pair({}, { interests: [interest] })
    const [wanted, other] = await publishBoth(a)
    const own = await b.publish({ tags: ['private'] })
    if (dialler === 'a') await a.client.connect('memory://b')
    else await b.client.connect('memory://a')
    await Promise.all([a.client.waitForSync(), b.client.waitForSync()])
    expect([name, await holds(b, wanted, other), await holds(a, own.id)]).toEqual([name, [true, false], [true]])
  }
})

test('what comes later is pushed as far as it is wanted, and withdrawals are whatever is wanted', async () => {
  const [a, b] = await pair({}, { interests: [{ tags: ['water'] }] })
  await b.client.connect('memory://a')
  await b.client.waitForSync()
  const [wanted, other] = await publishBoth(a)
  await vi.waitFor(async () => expect(await holds(b, wanted)).toEqual([true]))
  const { id } = await a.client.retract(other)
  await vi.waitFor(async () => expect(await holds(b, id)).toEqual([true]))
  expect(await holds(b, other)).toEqual([false])
})

test('a widened interest fetches what was left out, a narrowed one stops what comes, on the same connection', async () => {
  const [a, b] = await pair({}, { interests: [{ tags: ['music'] }] })
  await b.client.connect('memory://a')
  const [first, second] = await publishBoth(a)
  await b.client.waitForSync()
  expect(await holds(b, first, second)).toEqual([false, false])
  await b.client.setInterests([{ tags: ['music'] }, { tags: ['water'] }])
  await vi.waitFor(async () => expect(await holds(b, first, second)).toEqual([true, false]))
  const [peer] = (await a.client.status()).peers
  expect(peer).toMatchObject({ interests: [{ tags: ['music'] }, { tags: ['water'] }], isCoarse: false })
  expect(peer!.collections.map(({ of }) => of)).toEqual(['control', 'tag', 'tag', 'everything'])

  await b.client.setInterests([])
  await vi.waitFor(async () => expect((await a.client.status()).peers[0]!.interests).toEqual([]))
  const [third] = await publishBoth(a)
  await b.client.setInterests(undefined)
  await vi.waitFor(async () => expect(await holds(b, first, second, third)).toEqual([true, true, true]))
})

test('an interest that changed between two meetings is caught up with, though logs could be gone on from', async () => {
  const [a, b] = await pair({}, { interests: [{ tags: ['music'] }] })
  const [first] = await publishBoth(a)
  await b.client.connect('memory://a')
  await b.client.waitForSync()
  await b.client.disconnect('memory://a')
  await b.client.setInterests([{ tags: ['water'] }])
  await b.client.connect('memory://a')
  await b.client.waitForSync()
  expect(await holds(b, first)).toEqual([true])
})

test('more interests than collections are kept for a peer compare everything, which status says', async () => {
  const interests = Array.from({ length: 20 }, (_, i) => ({ tags: [`t${i}`] }))
  const [a, b] = await pair({}, { interests })
  const ids: string[] = []
  for (let i = 0; i < 25; i++) ids.push((await a.publish({ tags: [`t${i}`] })).id)
  await b.client.connect('memory://a')
  await b.client.waitForSync()
  expect((await holds(b, ...ids)).filter(held => held)).toHaveLength(20)
  const [peer] = (await b.client.status()).peers
  expect(peer).toMatchObject({ isCoarse: true, collections: [{ of: 'control' }, { of: 'everything' }] })
})

test('interests that mean nothing are refused by name', async () => {
  const [a] = await pair()
  const refused: [unknown, object][] = [
    ['physics', { code: 'bad-type', field: 'interests' }],
    [['physics'], { code: 'bad-type', field: 'interests[0]' }],
    [[{ tagz: ['a'] }], { code: 'unknown-field', field: 'interests[0].tagz' }],
    [[{}, { tags: [] }], { code: 'bad-value', field: 'interests[1].tags' }],
    [[{ tags: [''] }], { code: 'bad-value', field: 'interests[0].tags' }],
    [[{ kind: 5 }], { code: 'bad-value', field: 'interests[0].kind' }],
    [[{ since: 0.5 }], { code: 'bad-value', field: 'interests[0].since' }],
    [[{ since: 5, until: 5 }], { code: 'bad-value', field: 'interests[0].until' }],
    [[{ region: { ...EUROPE, north: 91 } }], { code: 'bad-value', field: 'interests[0].region' }],
    [[{ region: {} }], { code: 'bad-value', field: 'interests[0].region' }],
    [Array.from({ length: 33 }, () => ({})), { code: 'limit', field: 'interests', limit: 32 }],
  ]
  for (const [interests, failure] of refused)
    await expect(a.client.setInterests(interests as Interest[])).rejects.toMatchObject(failure)
})

test('control blocks of one author beyond the quota wait, and what is not wanted is turned away', async () => {
  const { signer } = await startAgent()
  const target = await createBlock({ embedding: [1, 2], model: 'test:two', tags: ['a'] }, signer)
  const retraction = await createBlock({ retraction: { block: target.id }, time: target.time }, signer)
  const store = (held: number) => ({ getMany: () => Promise.resolve([]), count: () => Promise.resolve(held) })
  const brought = [target, retraction].map(({ id, bytes }) => ({ id, bytes }))
  const away = async (held: number, interests: Interest[]) => [
    ...(await turnAway(store(held), brought, interests)).values(),
  ]
  expect(await away(0, [{ tags: ['b'] }])).toEqual([{ id: target.id, status: 'refused', code: 'policy' }])
  const waits = { id: retraction.id, status: 'deferred', code: 'limit', wait: 600_000 }
  expect(await away(CONTROL_QUOTA, [{ tags: ['a'] }])).toEqual([waits])
  expect(await away(CONTROL_QUOTA, [{ author: signer.did }])).toEqual([])
})
