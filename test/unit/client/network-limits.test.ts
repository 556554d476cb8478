import { expect, onTestFinished, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { PEER_LIMITS } from '../../../src/client/peer-set'
import { startAgent } from './agents'
import { RawPeer } from './raw-peer'

async function victimAndFriend() {
  const network = memoryNetwork()
  const start = (name: string) => startAgent({ transports: [memoryTransport({ network, name })] })
  const [victim, friend] = await Promise.all([start('victim'), start('friend')])
  return { network, victim: victim!, friend: friend! }
}

/** The names of all that Node warns of during the test. */
function warningsOfTheProcess(): readonly string[] {
  const names: string[] = []
  const onWarning = ({ name }: Error) => names.push(name)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  return names
}

test('silent connections keep nobody out, and no dial of the user in', async () => {
  const warnings = warningsOfTheProcess()
  const { network, victim, friend } = await victimAndFriend()
  for (let i = 0; i < 64; i++) {
    const connection = await memoryTransport({ network, name: `m${i}` }).dial('memory://victim')
    onTestFinished(() => connection.close())
  }
  expect(await victim.client.connect('memory://friend')).toBe(friend.client.id)
  await victim.client.disconnect(friend.client.id)
  expect(await friend.client.connect('memory://victim')).toBe(victim.client.id)
  await friend.client.waitForSync()
  expect(warnings).toEqual([])
})

test('many dials at once set no warning off either', async () => {
  const warnings = warningsOfTheProcess()
  const network = memoryNetwork()
  const agent = await startAgent({ transports: [memoryTransport({ network, name: 'agent' })] })
  for (let i = 0; i < 20; i++) {
    const listener = await memoryTransport({ network, name: `silent${i}` }).listen!(() => {})
    onTestFinished(() => listener.close())
  }
  const stop = new AbortController()
  const dials = Array.from({ length: 20 }, (_, i) =>
    agent.client.connect(`memory://silent${i}`, { signal: stop.signal }),
  )
  await new Promise(resolve => setTimeout(resolve, 20))
  stop.abort()
  const outcomes = await Promise.allSettled(dials)
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect(warnings).toEqual([])
})

test('idle sessions of free identities keep nobody out', async () => {
  const { network, victim, friend } = await victimAndFriend()
  await friend.publish()
  for (let i = 0; i < PEER_LIMITS.incoming; i++) {
    await RawPeer.dial(memoryTransport({ network, name: `m${i}` }), 'memory://victim')
  }
  await friend.client.connect('memory://victim')
  await friend.client.waitForSync()
  const { peers, store } = await victim.client.status()
  expect(store.blocks).toBe(1)
  expect(peers).toHaveLength(PEER_LIMITS.incoming)
  await friend.client.disconnect('memory://victim')
  expect(await victim.client.connect('memory://friend')).toBe(friend.client.id)
})

test('one address too many is refused', async () => {
  const network = memoryNetwork()
  const agent = await startAgent({ transports: [memoryTransport({ network, name: 'agent' })] })
  for (let i = 0; i <= PEER_LIMITS.outgoing; i++) {
    const listener = await memoryTransport({ network, name: `silent${i}` }).listen!(() => {})
    onTestFinished(() => listener.close())
  }
  const dials = Array.from({ length: PEER_LIMITS.outgoing }, (_, i) => agent.client.connect(`memory://silent${i}`))
  const given = Promise.allSettled(dials)
  const { outgoing } = PEER_LIMITS
  await expect(agent.client.connect(`memory://silent${outgoing}`)).rejects.toMatchObject({
    code: 'limit',
    field: 'connections',
    limit: outgoing,
  })
  await agent.client.close()
  await given
})
