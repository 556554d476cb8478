import { describe, expect, test } from 'vitest'
import { Recorder } from '../../../src/simulator/recorder'
import { Scheduler } from '../../../src/simulator/scheduler'
import { SeededRandom } from '../../../src/simulator/seeded-random'
import { GIVE_UP_MS, SimulatedNetwork } from '../../../src/simulator/simulated-network'
import { transportSuite } from '../../../src/testing/index'
import type { Connection } from '../../../src/wire/index'

function networkOf(seed = 1) {
  const scheduler = new Scheduler()
  const random = new SeededRandom(seed)
  const network = new SimulatedNetwork({ scheduler, random, recorder: new Recorder(scheduler) })
  return { scheduler, network }
}

/** Two hosts and a connection between them, with what each end has received. */
async function pair(seed = 1) {
  const { scheduler, network } = networkOf(seed)
  const [a, b] = [network.host('a'), network.host('b')]
  const accepted: Connection[] = []
  await network.transport(b).listen!(connection => accepted.push(connection))
  const dialled = await scheduler.complete(network.transport(a).dial('sim://b'))
  const [answering] = accepted as [Connection]
  const received: number[] = []
  answering.onMessage(message => received.push(message[0]!))
  const ends: unknown[] = []
  void answering.closed.then(failure => ends.push(failure?.code))
  void dialled.closed.then(failure => ends.push(failure?.code))
  const send = (...numbers: number[]) => numbers.forEach(n => void dialled.send(Uint8Array.of(n)).catch(() => {}))
  return { scheduler, network, a, b, dialled, answering, received, ends, send }
}

/** The transports' own suite, while virtual time runs beside it. */
describe('as any transport', () => {
  transportSuite(
    { describe, test, expect },
    {
      name: 'simulated network',
      async open() {
        const { scheduler, network } = networkOf()
        let running = true
        const pump = async () => {
          while (running) await scheduler.runUntil(scheduler.now + 5)
        }
        const pumping = pump()
        return {
          listening: network.transport(network.host('listening')),
          dialling: network.transport(network.host('dialling')),
          unreachable: ['sim://nobody'],
          malformed: ['sim://', 'http://listening', 'sim://a b', ''],
          async close() {
            running = false
            await pumping
          },
        }
      },
    },
  )
})

describe('ways between hosts', () => {
  test('a closed way holds messages back, in their order, until it opens', async () => {
    const { scheduler, network, received, send } = await pair()
    network.close('a', 'b')
    send(1, 2)
    await scheduler.runUntil(scheduler.now + 10_000)
    expect(received).toEqual([])
    network.open('a', 'b')
    send(3)
    await scheduler.runUntil(scheduler.now + 1_000)
    expect(received).toEqual([1, 2, 3])
  })

  test('what gets no further for a minute ends this side, and the other as soon as it can hear of it', async () => {
    const { scheduler, network, ends, send } = await pair()
    network.close('a', 'b')
    send(1)
    await scheduler.runUntil(scheduler.now + GIVE_UP_MS + 1_000)
    expect(ends).toEqual(['peer-gone'])
    network.open('a', 'b')
    await scheduler.runUntil(scheduler.now + GIVE_UP_MS)
    expect(ends).toEqual(['peer-gone', 'peer-gone'])
  })

  test('a crash resets connections; a silent one is not heard of', async () => {
    const loud = await pair()
    loud.network.crash(loud.a, false)
    await loud.scheduler.runUntil(loud.scheduler.now + 1_000)
    expect(loud.ends).toEqual(['peer-gone'])
    const silent = await pair()
    silent.network.crash(silent.a, true)
    await silent.scheduler.runUntil(silent.scheduler.now + 30_000)
    expect(silent.ends).toEqual([])
  })

  test('a sleeping host hears what came meanwhile once it wakes; a dial of it finds nobody', async () => {
    const { scheduler, network, a, b, received, send } = await pair()
    network.sleep(b)
    send(1)
    await scheduler.runUntil(scheduler.now + 5_000)
    expect(received).toEqual([])
    await expect(scheduler.complete(network.transport(a).dial('sim://b'))).rejects.toMatchObject({
      code: 'unreachable',
    })
    network.wake(b)
    await scheduler.runUntil(scheduler.now + 1_000)
    expect(received).toEqual([1])
  })

  test.each(['corrupt', 'truncate', 'drop', 'duplicate', 'swap'] as const)('somebody on the way can %s', async kind => {
    const { scheduler, network, received, send } = await pair()
    network.tamper('a', 'b', kind, 1)
    send(1, 2, 3)
    await scheduler.runUntil(scheduler.now + 1_000)
    expect(received).not.toEqual([1, 2, 3])
  })

  test('a clog holds everything back, ends no connection, and is healed with the rest', async () => {
    const HOUR = 3_600_000
    const { scheduler, network, received, ends, send } = await pair()
    send(1)
    network.clog('a', 'b', HOUR)
    send(2)
    await scheduler.runUntil(scheduler.now + HOUR / 2)
    expect([received, ends]).toEqual([[], []])
    await scheduler.runUntil(scheduler.now + HOUR / 2 + 1_000)
    expect(received).toEqual([1, 2])
    network.clog('a', 'b', HOUR)
    send(3)
    network.heal()
    await scheduler.runUntil(scheduler.now + 1_000)
    expect([received, ends]).toEqual([[1, 2, 3], []])
  })

  test('a way that is closed when its clog ends breaks a minute later, as if it had been closed then', async () => {
    const { scheduler, network, ends, send } = await pair()
    network.clog('a', 'b', 10_000)
    send(1)
    network.close('a', 'b')
    await scheduler.runUntil(scheduler.now + 10_000 + GIVE_UP_MS - 1_000)
    expect(ends).toEqual([])
    await scheduler.runUntil(scheduler.now + 2_000)
    expect(ends).toEqual(['peer-gone'])
  })

  test('what is usual changes nothing of what was said of one way', async () => {
    const { scheduler, network, dialled, answering } = await pair()
    let arrived = 0
    answering.onMessage(() => (arrived = scheduler.now))
    network.setConditions({ bandwidth: 10 }, 'a', 'b')
    network.setConditions({ latency: [20, 20], tail: 20 })
    const start = scheduler.now
    void dialled.send(new Uint8Array(10_000))
    await scheduler.runUntil(start + 5_000)
    expect(arrived - start).toBeGreaterThan(1_019)
  })

  test('a thin line takes its time', async () => {
    const { scheduler, network, dialled, answering } = await pair()
    network.setConditions({ bandwidth: 10 }, 'a', 'b')
    let arrived = 0
    answering.onMessage(() => (arrived = scheduler.now))
    const start = scheduler.now
    void dialled.send(new Uint8Array(10_000))
    await scheduler.runUntil(start + 5_000)
    expect(arrived - start).toBeGreaterThan(1_000)
  })
})

describe('a way that loses', () => {
  test('nothing arrives behind a message that is lost for good', async () => {
    const { scheduler, network, received, ends, send } = await pair()
    network.setConditions({ loss: 0.999 }, 'a', 'b')
    send(1)
    network.setConditions({ loss: 0 }, 'a', 'b')
    send(2, 3)
    await scheduler.runUntil(scheduler.now + 60_000)
    expect([received, ends]).toEqual([[], ['peer-gone', 'peer-gone']])
  })

  test('a large message gets through one that loses a packet of fifty', async () => {
    const { scheduler, network, dialled, received } = await pair()
    network.setConditions({ loss: 0.02 }, 'a', 'b')
    for (let i = 1; i <= 50; i++) void dialled.send(new Uint8Array(65_535).fill(i))
    await scheduler.runUntil(scheduler.now + 60_000)
    expect(received).toHaveLength(50)
  })
})
