import { expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { memoryStorage } from '../../../src/store/index'
import type { Transport } from '../../../src/wire/index'
import { CosmicValidator } from '../../../src/validate/index'

/** A clock that stands still until told, with the timers that hang on it. */
function worldClock(now: number) {
  /** What the clock was put forward by, of which timers know nothing. */
  let ahead = 0
  const pending = new Set<{ at: number; callback: () => void }>()
  return {
    clock: { now: () => now + ahead },
    timers: {
      set(callback: () => void, milliseconds: number) {
        const entry = { at: now + milliseconds, callback }
        pending.add(entry)
        return () => void pending.delete(entry)
      },
    },
    pending,
    jump: (milliseconds: number) => void (ahead += milliseconds),
    advance(milliseconds: number) {
      now += milliseconds
      for (const entry of [...pending]) if (entry.at <= now && pending.delete(entry)) entry.callback()
    },
  }
}

test('a block of the near future waits unseen, survives a restart, and is announced when its time has come', async () => {
  const start = Date.UTC(2026, 0, 1)
  const world = worldClock(start)
  const signer = await Signer.generate()
  const storage = memoryStorage()
  const kept = { ...storage, close: () => Promise.resolve() } as typeof storage
  const open = (transports: readonly Transport[] = []) =>
    new SyncClient({
      signer,
      transports,
      storage: bind(storage),
      validator: new CosmicValidator({ clock: world.clock }),
      ports: { clock: world.clock, timers: world.timers },
    })
  const bind = (inner: typeof storage): typeof storage => ({
    get: key => inner.get(key),
    getMany: keys => inner.getMany(keys),
    batch: operations => inner.batch(operations),
    range: options => inner.range(options),
    close: kept.close,
  })
  const before = open()
  await before.start()
  const early = await createBlock({ embedding: [1, 0], model: 'test:two', time: start + 3_600_000 }, signer)
  await before.publish(early)
  await before.close()
  expect(world.pending.size).toBe(0)

  const listen = () => Promise.reject(new Error('no port'))
  const failing = open([{ schemes: ['none'], dial: listen, listen }])
  await expect(failing.start()).rejects.toThrow('no port')
  expect(world.pending.size).toBe(0)

  const after = open()
  await after.start()
  const heard = after.subscribe()[Symbol.asyncIterator]()
  expect(await after.get(early.id, { admitted: false })).toBeUndefined()
  for (let minute = 0; minute < 60; minute++) {
    world.advance(60_000)
    await new Promise(resolve => setImmediate(resolve))
  }
  expect((await heard.next()).value?.id).toBe(early.id)
  expect((await after.get(early.id))?.bytes).toEqual(early.bytes)
  await after.close()
  expect(world.pending.size).toBe(0)
})

test('a clock that jumps ahead, as after a sleep, lets out what waits within a minute', async () => {
  const start = Date.UTC(2026, 0, 1)
  const { clock, timers, jump, advance } = worldClock(start)
  const signer = await Signer.generate()
  const client = new SyncClient({ signer, validator: new CosmicValidator({ clock }), ports: { clock, timers } })
  await client.start()
  const early = await createBlock({ embedding: [1, 0], model: 'test:two', time: start + 3_600_000 }, signer)
  await client.publish(early)
  const heard = client.subscribe()[Symbol.asyncIterator]()
  jump(3_600_000)
  advance(60_000)
  expect((await heard.next()).value?.id).toBe(early.id)
  await client.close()
})

test('the event loop has its turns while a program publishes block after block', async () => {
  const signer = await Signer.generate()
  const client = new SyncClient({ signer })
  await client.start()
  let turned = false
  setTimeout(() => (turned = true), 0)
  let published = 0
  for (; published < 5_000 && !turned; published++) {
    await client.publish(await createBlock({ embedding: [published, 1, 2, 3], model: 'acme:tiny' }, signer))
  }
  expect([turned, published < 5_000]).toEqual([true, true])
  await client.close()
})
