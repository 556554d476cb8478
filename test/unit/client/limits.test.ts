import { expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import type { Failure } from '../../../src/base/index'
import { READING_LIMITS } from '../../../src/client/message-reader'
import { OUTBOX_LIMITS } from '../../../src/client/outbox'
import { SessionRunner, type SessionHost } from '../../../src/client/session-runner'
import { ItemTree } from '../../../src/sync/index'
import { encodeMessageOf, type Message } from '../../../src/sync/session-messages'
import type { SecureChannel } from '../../../src/wire/index'
import { envelope, helloOf, idOf } from '../sync/session-harness'
import { ids } from '../sync/session-scenes'
import { ManualTimers } from '../wire/connection-pair'
import { startAgent } from './agents'
import { RawPeer } from './raw-peer'

/** A channel whose other side is the test: it takes a message when `take` is called. */
class HeldChannel implements SecureChannel {
  readonly remote = 'did:key:zPeer'
  readonly binding = new Uint8Array(32)
  readonly closed: Promise<Failure | undefined>
  end!: () => void
  paused = false
  #handler!: (message: Uint8Array) => void
  #taken: (() => void) | undefined
  #isClosed = false

  constructor() {
    this.closed = new Promise(resolve => (this.end = () => resolve(undefined)))
  }

  send(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('closed'))
    return new Promise(resolve => (this.#taken = resolve))
  }

  async take(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#taken?.()
      this.#taken = undefined
      await new Promise(setImmediate)
    }
  }

  onMessage(handler: (message: Uint8Array) => void): void {
    this.#handler = handler
  }

  deliver(...messages: Message[]): void {
    for (const message of messages) this.#handler(encodeMessageOf(message))
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#taken?.()
    this.end()
  }
}

const nothing: SessionHost = {
  load: wanted => Promise.resolve(wanted.map(id => ({ id }))),
  ingest: blocks => Promise.resolve(blocks.map(({ id }) => ({ id, status: 'stored' as const }))),
}

function startRunner(host: SessionHost = nothing, bounds = () => ({ floor: 0, ceiling: 1 })) {
  const channel = new HeldChannel()
  const timers = new ManualTimers()
  const options = {
    initiator: false,
    set: new ItemTree(),
    bounds,
    identify: (bytes: Uint8Array) => ({ ok: true as const, value: idOf(bytes) }),
    kinds: [],
    software: 'test/1',
  }
  const random = { bytes: (length: number) => new Uint8Array(length) }
  const runner = new SessionRunner(channel, options, host, { timers, random, clock: { now: () => 0 } })
  runner.start()
  channel.deliver(helloOf())
  /** Fires the timers of one period, again and again. */
  const fire = (milliseconds: number, times = 1) => {
    for (let i = 0; i < times; i++) {
      for (const timer of [...timers.pending].filter(timer => timer.milliseconds === milliseconds)) {
        timers.pending.delete(timer)
        timer.callback()
      }
    }
  }
  return { channel, runner, fire }
}

const PING = { type: 'ping' } as const
const pingBytes = encodeMessageOf(PING).length
/** Needs no answer. */
const CREDIT = { type: 'credit', bytes: 0, items: 1 } as const
const creditBytes = encodeMessageOf(CREDIT).length

test('a turn of the event loop deals with a few messages; the rest waits, and stops the channel when it is much', () => {
  const { channel, runner, fire } = startRunner()
  const before = runner.status().bytesIn
  channel.deliver(...Array.from({ length: 20 }, () => CREDIT))
  expect(runner.status().bytesIn - before).toBe((READING_LIMITS.messages - 1) * creditBytes)
  fire(0)
  expect(runner.status().bytesIn - before).toBe((2 * READING_LIMITS.messages - 1) * creditBytes)
  expect(channel.paused).toBe(false)
  channel.deliver(...Array.from({ length: 17_000 }, () => CREDIT))
  expect(channel.paused).toBe(true)
  fire(0, 3_000)
  expect(runner.status().bytesIn - before).toBe(17_020 * creditBytes)
  expect(channel.paused).toBe(false)
})

test('what came before the end of the channel is dealt with before the end', async () => {
  const { channel, runner, fire } = startRunner()
  channel.deliver(...Array.from({ length: 20 }, () => PING), { type: 'bye', code: 'closed' })
  channel.end()
  await new Promise(setImmediate)
  fire(0, 3)
  await channel.take(25)
  expect(await runner.closed).toBeUndefined()
})

test('pings whose answers are not read are left unread themselves, and dealt with once they are', async () => {
  const { channel, runner, fire } = startRunner()
  for (let i = 0; i < 40; i++) channel.deliver(...Array.from({ length: 1_000 }, () => PING))
  fire(0, 5_000)
  const held = Math.ceil(OUTBOX_LIMITS.answers / OUTBOX_LIMITS.message)
  expect(runner.status().bytesIn / pingBytes).toBeLessThan(held + 100)
  expect(channel.paused).toBe(true)
  fire(5_000, 20)
  expect(runner.status().phase).not.toBe('closed')
  const before = runner.status().bytesIn
  await channel.take(100)
  fire(0, 10)
  expect(runner.status().bytesIn).toBeGreaterThan(before)
})

test('a peer that takes nothing at all is given up as `limit`; one that takes a little is not', async () => {
  const { channel, runner, fire } = startRunner()
  channel.deliver(...Array.from({ length: 13_000 }, () => PING))
  fire(0, 2_000)
  await channel.take(1)
  fire(OUTBOX_LIMITS.stallMs)
  expect(runner.status().phase).not.toBe('closed')
  fire(OUTBOX_LIMITS.stallMs)
  fire(1_000)
  expect(await runner.closed).toMatchObject({ code: 'limit', field: 'unsent' })
})

test('blocks are read from the store only while little is unsent', async () => {
  let loads = 0
  const big = new Map(Array.from({ length: 4 }, (_, n) => envelope(1, n, 262_000)).map(bytes => [idOf(bytes), bytes]))
  const { channel, fire } = startRunner({
    ...nothing,
    load: wanted => {
      loads++
      return Promise.resolve(wanted.map(id => ({ id, ...(big.has(id) && { bytes: big.get(id)! }) })))
    },
  })
  for (let i = 0; i < 20; i++) {
    channel.deliver({ type: 'credit', bytes: 1_048_000, items: 0 })
    if (i < 2) channel.deliver({ type: 'want', ids: [...big.keys()] })
    else channel.deliver({ type: 'want', ids: ids(4, 4 * i) })
    fire(0, 2)
    await new Promise(setImmediate)
  }
  expect(loads).toBe(2)
  await channel.take(3)
  expect(loads).toBeGreaterThan(2)
})

test('a peer that asks and grants without reading gets a few messages, and others are served meanwhile', async () => {
  const network = memoryNetwork()
  const victim = await startAgent({ transports: [memoryTransport({ network, name: 'victim' })] })
  const wanted: string[] = []
  for (let i = 0; i < 4; i++) {
    const filling = new Uint8Array(250_000).fill(i)
    wanted.push((await victim.publish({ extensions: { 'test/filling': filling } })).id)
  }
  const mallory = await RawPeer.dial(memoryTransport({ network, name: 'mallory' }), 'memory://victim')
  await mallory.until('hello')
  mallory.connection.pause!()
  let most = 0
  for (let i = 0; i < 40; i++) {
    // Asking again for what it has not got yet ends its session at some point.
    await mallory.send({ type: 'want', ids: wanted }).catch(() => {})
    await mallory.send({ type: 'credit', bytes: 1_040_000, items: 0 }).catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 2))
    most = Math.max(most, ...(await victim.client.status()).peers.map(({ bytesOut }) => bytesOut))
  }
  expect(most).toBeGreaterThan(1_000_000)
  expect(most).toBeLessThan(6_000_000)
  const friend = await startAgent({ transports: [memoryTransport({ network, name: 'friend' })] })
  await friend.client.connect('memory://victim')
  await friend.client.waitForSync()
  expect((await friend.client.status()).store.blocks).toBe(4)
})

test('two agents that have much for each other never stop reading each other', async () => {
  const network = memoryNetwork()
  const agents = await Promise.all(
    ['a', 'b'].map(name => startAgent({ transports: [memoryTransport({ network, name })] })),
  )
  for (const [which, { publish }] of agents.entries()) {
    for (let i = 0; i < 30; i++) {
      await publish({ extensions: { 'test/filling': new Uint8Array(250_000).fill(i) }, tags: [`${which}`] })
    }
  }
  await agents[0]!.client.connect('memory://b')
  await Promise.all(agents.map(({ client }) => client.waitForSync()))
  const stored = await Promise.all(agents.map(async ({ client }) => (await client.status()).store.blocks))
  expect(stored).toEqual([60, 60])
})

test('a session whose step failed midway ends, and nobody waits for it', async () => {
  let isBroken = false
  const { runner, fire } = startRunner(nothing, () => {
    if (isBroken) throw new Error('broken')
    return { floor: 0, ceiling: 1 }
  })
  isBroken = true
  runner.raised()
  const closed = runner.close()
  fire(1_000)
  await closed
  expect(await runner.closed).toMatchObject({ code: 'storage', field: 'session', message: 'broken' })
})
