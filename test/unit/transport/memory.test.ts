import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import type { Connection } from '../../../src/wire/index'

test('transports without a network of their own share one, under names of their own', async () => {
  const met: string[] = []
  const first = await memoryTransport().listen!(() => met.push('first'))
  const second = await memoryTransport().listen!(() => met.push('second'))
  expect(first.addresses).not.toEqual(second.addresses)
  await memoryTransport().dial(second.addresses[0]!)
  expect(met).toEqual(['second'])
  await Promise.all([first.close(), second.close()])
})

test('networks are separate worlds', async () => {
  const listener = await memoryTransport({ network: memoryNetwork(), name: 'alice' }).listen!(() => {})
  const elsewhere = memoryTransport({ network: memoryNetwork() })
  await expect(elsewhere.dial('memory://alice')).rejects.toMatchObject({ code: 'unreachable' })
  await listener.close()
})

test('a name is taken once, and is free again after close', async () => {
  const network = memoryNetwork()
  const alice = memoryTransport({ network, name: 'alice' })
  const listener = await alice.listen!(() => {})
  await expect(alice.listen!(() => {})).rejects.toMatchObject({ code: 'address-in-use' })
  await listener.close()
  await (await alice.listen!(() => {})).close()
})

test('a name that no address can carry is refused', async () => {
  await expect(memoryTransport({ name: 'a b' }).listen!(() => {})).rejects.toMatchObject({ code: 'bad-address' })
})

test('two agents that never stop talking leave timers their turn', async () => {
  const network = memoryNetwork()
  const echo = (connection: Connection) =>
    connection.onMessage(message => void connection.send(message).catch(() => {}))
  const listener = await memoryTransport({ network, name: 'alice' }).listen!(echo)
  const connection = await memoryTransport({ network }).dial('memory://alice')
  echo(connection)
  await connection.send(Uint8Array.of(1))
  await new Promise(resolve => setTimeout(resolve, 10))
  await connection.close()
  await listener.close()
})

test('the other end learns why a connection was broken off', async () => {
  const network = memoryNetwork()
  let other: Connection | undefined
  const listener = await memoryTransport({ network, name: 'alice' }).listen!(connection => {
    other = connection
    connection.onMessage(() => {
      throw new Error('boom')
    })
  })
  const connection = await memoryTransport({ network }).dial('memory://alice')
  await connection.send(Uint8Array.of(1))
  expect(await connection.closed).toMatchObject({ code: 'protocol' })
  expect(await other!.closed).toMatchObject({ code: 'protocol' })
  await listener.close()
})
