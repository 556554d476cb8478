import { connect, type NatsConnection } from '@nats-io/transport-node'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Signer } from '../../../src/index'
import { NatsServer } from '../../tools/nats-server'
import { agentOn, freshStream, gated, hasNats, lasting } from './nats-scene'

describe.skipIf(!hasNats)('what NATS JetStream has handed out', () => {
  let server: NatsServer
  let nats: NatsConnection

  beforeAll(async () => {
    server = await NatsServer.start()
    nats = await connect({ servers: server.url })
  }, 30_000)
  afterAll(async () => {
    await nats?.close()
    await server?.stop()
  })

  test('what was lost on its way to an agent comes again soon, also through a consumer of other terms', async () => {
    const stream = freshStream()
    const signer = await Signer.generate()
    const storage = lasting()
    const a = await agentOn({ servers: server.url, stream })
    const first = await agentOn({ servers: server.url, stream, redeliveryMs: 60_000 }, { signer, storage })
    await a.publish(1)
    await first.holds(1)
    await first.client.close()
    await a.publish(40)
    await expect.poll(async () => (await a.status()).published).toBe(41)
    const manager = await jetstreamManager(nats)
    const waiting = (await manager.consumers.list(stream).next()).find(({ num_pending }) => num_pending === 40)!
    expect(waiting.config.ack_wait).toBe(60_000_000_000)
    const again = await agentOn({ servers: server.url, stream, redeliveryMs: 300 }, { signer, storage })
    await again.client.close()
    // As a server that dies takes with it what it has handed out.
    await a.publish(40)
    await expect.poll(async () => (await a.status()).published).toBe(81)
    const thief = await jetstream(nats).consumers.get(stream, waiting.name)
    let stolen = 0
    for await (const _ of await thief.fetch({ max_messages: 40, expires: 5_000 })) stolen++
    expect(stolen).toBe(40)
    const last = await agentOn({ servers: server.url, stream, redeliveryMs: 300 }, { signer, storage })
    await last.holds(81, 10_000)
  })

  test('what an agent holds for long is not brought again', async () => {
    const stream = freshStream()
    const gate = gated()
    const b = await agentOn({ servers: server.url, stream, redeliveryMs: 3_500 }, { storage: gate.storage })
    gate.close()
    const manager = await jetstreamManager(nats)
    const [mine] = await manager.consumers.list(stream).next()
    const a = await agentOn({ servers: server.url, stream })
    await a.publish(100)
    // Another reader, which gives no sign: all come to it again and again, the third time after four seconds.
    const silent = { durable_name: 'silent', ack_policy: 'explicit', ack_wait: 2_000_000_000 } as const
    await manager.consumers.add(stream, silent)
    const reader = await (await jetstream(nats).consumers.get(stream, 'silent')).consume()
    for await (const { info } of reader) if (info.deliveryCount === 3) break
    const { num_redelivered, num_ack_pending } = await manager.consumers.info(stream, mine!.name)
    expect({ num_redelivered, num_ack_pending }).toEqual({ num_redelivered: 0, num_ack_pending: 100 })
    gate.open()
    await b.holds(100)
    expect((await b.status()).received).toBe(100)
  })

  test('a connection that ended for good harms nobody who still works on what came', async () => {
    const own = await NatsServer.start()
    onTestFinished(() => own.stop())
    const gate = gated()
    const connection = { maxReconnectAttempts: 0 }
    const b = await agentOn({ servers: own.url, connection, redeliveryMs: 400 }, { storage: gate.storage })
    gate.close()
    const a = await agentOn({ servers: own.url })
    await a.publish(100)
    await expect.poll(async () => (await a.status()).published).toBe(100)
    await gate.reached
    await own.kill()
    await expect.poll(async () => (await b.status()).state).toBe('closed')
    gate.open()
    await expect.poll(async () => (await b.status()).received).toBe(100)
  })
})

describe.skipIf(!hasNats)('a cluster of three', () => {
  test('loses nothing when one of its servers is killed in the middle of the flow', async () => {
    const servers = await NatsServer.startCluster()
    onTestFinished(async () => {
      for (const server of servers) await server.stop()
    })
    const urls = servers.map(({ url }) => url)
    const options = { replicas: 3, timeoutMs: 40_000 }
    const a = await agentOn({ servers: urls, ...options })
    const b = await agentOn({ servers: [...urls].reverse(), ...options })
    const publishing = a.publish(600)
    await expect.poll(async () => (await b.status()).received, { timeout: 40_000, interval: 5 }).toBeGreaterThan(100)
    // The one that leads the stream, which costs most.
    const nats = await connect({ servers: urls[0]! })
    const { cluster } = await (await jetstreamManager(nats)).streams.info('COSMIC')
    await nats.close()
    await servers[Number(cluster!.leader!.at(-1))]!.kill()
    await publishing
    await b.publish(100)
    // Some seconds until there is another leader, and five until what was on its way to an agent comes again.
    await Promise.all([a.holds(700, 40_000), b.holds(700, 40_000)])
    const late = await agentOn({ servers: urls, ...options })
    await late.holds(700)
  }, 150_000)
})
