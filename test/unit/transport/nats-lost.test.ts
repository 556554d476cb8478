import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createBlock, Signer, SyncClient } from '../../../src/index'
import { natsCarrier } from '../../../src/adapters/transport/nats'
import { NatsServer } from '../../tools/nats-server'
import { agentOn, freshStream, hasNats, lasting } from './nats-scene'

describe.skipIf(!hasNats)('a carrier whose service loses, refuses or forgets', () => {
  let server: NatsServer
  let nats: NatsConnection
  let manager: JetStreamManager

  beforeAll(async () => {
    server = await NatsServer.start()
    nats = await connect({ servers: server.url })
    manager = await jetstreamManager(nats)
  }, 30_000)
  afterAll(async () => {
    await nats?.close()
    await server?.stop()
  })

  test('a stream that was deleted is made again, and everything that agents hold goes into it', async () => {
    const stream = freshStream()
    const a = await agentOn({ servers: server.url, stream })
    const b = await agentOn({ servers: server.url, stream })
    await a.publish(5)
    await b.holds(5)
    await manager.streams.delete(stream)
    await a.publish(1)
    await b.holds(6, 15_000)
    const newcomer = await agentOn({ servers: server.url, stream })
    await newcomer.holds(6, 15_000)
    await expect.poll(async () => (await a.status()).state).toBe('connected')
    expect((await manager.streams.info(stream)).state.messages).toBe(6)
  })

  test('an agent that was away while the stream was wiped hands over what it holds when it is back', async () => {
    const stream = freshStream()
    const signer = await Signer.generate()
    const storage = lasting()
    const before = await agentOn({ servers: server.url, stream }, { signer, storage })
    await before.publish(3)
    await before.client.waitForSync()
    await before.client.close()
    await manager.streams.delete(stream)
    const b = await agentOn({ servers: server.url, stream })
    await b.client.waitForSync()
    await agentOn({ servers: server.url, stream }, { signer, storage })
    await b.holds(3, 15_000)
  })

  test('a block that the stream will never take holds up none after it, and is told by name', async () => {
    const stream = freshStream()
    await manager.streams.add({ name: stream, subjects: [`${stream}.*.blocks`], max_msg_size: 4_096 })
    const a = await agentOn({ servers: server.url, stream })
    const b = await agentOn({ servers: server.url, stream })
    const failures: { code: string; message?: string | undefined }[] = []
    a.client.on('unreachable', ({ failure }) => failures.push(failure))
    const embedding = Array.from({ length: 2_000 }, (_, i) => i + 1)
    const { id } = await a.client.publish(await createBlock({ embedding, model: 'acme:large', sky: false }, a.signer))
    await a.publish(2)
    await b.holds(2, 15_000)
    await a.client.waitForSync()
    expect(failures).toMatchObject([{ code: 'too-large', message: expect.stringContaining(id) as string }])
    expect(await a.status()).toMatchObject({ state: 'connected', published: 2, lastError: { code: 'too-large' } })
  })

  test('a stream that takes nothing more shows as stalled, in the status and by the event, until it does', async () => {
    const stream = freshStream()
    await manager.streams.add({ name: stream, subjects: [`${stream}.*.blocks`], max_msgs: 2, discard: 'new' })
    const a = await agentOn({ servers: server.url, stream })
    const told: string[] = []
    a.client.on('sync', ({ state, reason }) => told.push(`${state} ${reason ?? ''}`))
    await a.publish(3)
    await expect.poll(async () => (await a.status()).state, { timeout: 10_000 }).toBe('stalled')
    expect((await a.client.status()).sync).toMatchObject({ state: 'stalled', reason: 'unreachable' })
    await manager.streams.purge(stream)
    await expect.poll(async () => (await a.status()).state, { timeout: 10_000 }).toBe('connected')
    expect(told).toEqual(['stalled unreachable', 'alone '])
  })

  test('credentials that a restarted server refuses for a while end nothing', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-nats-auth-'))
    const file = path.join(folder, 'server.conf')
    const allow = (token: string) => writeFileSync(file, `authorization { token: "${token}" }\n`)
    allow('one')
    const own = await NatsServer.start(['-c', file])
    onTestFinished(() => own.stop().finally(() => rmSync(folder, { recursive: true, force: true })))
    const signer = await Signer.generate()
    const refused = new SyncClient({
      signer,
      carriers: [natsCarrier({ servers: own.url, connection: { token: 'two' }, timeoutMs: 2_000 })],
    })
    await expect(refused.start()).rejects.toMatchObject({ code: 'unreachable' })
    const a = await agentOn({ servers: own.url, connection: { token: 'one' } })
    const lost = new Promise<void>(resolve => a.client.on('sync', ({ state }) => state === 'stalled' && resolve()))
    await own.kill()
    allow('two')
    await own.resume()
    await lost
    await new Promise(resolve => setTimeout(resolve, 1_500))
    await own.kill()
    allow('one')
    await own.resume()
    await a.publish(1)
    await expect.poll(async () => (await a.status()).published, { timeout: 15_000 }).toBe(1)
    expect(await a.status()).toMatchObject({ state: 'connected' })
  })
})
