import { equal } from '../base/index'
import { MAX_MESSAGE_BYTES } from '../wire/index'
import { readRunner, readSubject } from './read-subject'
import { rejection, type SuiteRunner } from './suite-tools'
import {
  counters,
  meet,
  numbered,
  roundTrips,
  sendAll,
  take,
  upTo,
  type Check,
  type Pair,
  type TransportSubject,
} from './transport-ground'

export type { TransportGround, TransportSubject } from './transport-ground'

/**
 * What every `Transport` must do. Run it on your own adapter:
 *
 * @example
 * ```ts
 * import { describe, expect, test } from 'vitest'
 * transportSuite({ describe, test, expect }, { name: 'mine', open: async () => myGround() })
 * ```
 */
export function transportSuite(runner: SuiteRunner, subject: TransportSubject): void {
  readRunner(runner, 'runner')
  readSubject(subject)
  runner.describe(`Transport: ${subject.name}`, () => {
    const check: Check = (name, body) =>
      runner.test(name, async () => {
        const ground = await subject.open()
        try {
          await meet(ground, body)
        } finally {
          await ground.close()
        }
      })
    messages(runner, check)
    backPressure(runner, check)
    endings(runner, check)
    dialling(runner, check)
  })
}

function messages({ expect }: SuiteRunner, check: Check): void {
  check('both ends know who dialled and carry messages both ways', async ({ a, b }) => {
    expect([a.initiator, b.initiator]).toEqual([true, false])
    expect([a.remote.length > 0, b.remote.length > 0]).toEqual([true, true])
    const arrived = Promise.all([take(a, 1), take(b, 1)])
    await Promise.all([a.send(Uint8Array.of(1)), b.send(Uint8Array.of(2))])
    expect(await arrived).toEqual([[Uint8Array.of(2)], [Uint8Array.of(1)]])
  })
  check('every size up to the largest arrives whole, as plain Uint8Array', async ({ a, b }) => {
    const sent = [0, 1, 4, 125, 126, 1_000, 16_384, 65_534, MAX_MESSAGE_BYTES].map((length, i) =>
      new Uint8Array(length).fill(i + 1),
    )
    const arrived = take(b, sent.length)
    await sendAll(a, sent)
    expect((await arrived).map((message, i) => equal(message, sent[i]!))).toEqual(sent.map(() => true))
    expect((await arrived).every(message => message.constructor === Uint8Array)).toBe(true)
  })
  check('a longer message is refused as `limit`, and the connection lives on', async ({ a, b }) => {
    const arrived = take(b, 1)
    expect(await rejection(a.send(new Uint8Array(MAX_MESSAGE_BYTES + 1)))).toBe('limit')
    await a.send(numbered(7))
    expect(counters(await arrived)).toEqual([7])
  })
  check('the sender may reuse its buffer at once', async ({ a, b }) => {
    const arrived = take(b, 20)
    const buffer = new Uint8Array(60_000)
    const sends = upTo(20).map(index => {
      new DataView(buffer.buffer).setUint32(0, index)
      return a.send(buffer)
    })
    await Promise.all(sends)
    expect(counters(await arrived)).toEqual(upTo(20))
  })
  check('messages that arrive before a handler is set are kept', async ({ a, b, again }) => {
    await sendAll(
      a,
      upTo(50).map(index => numbered(index)),
    )
    await again()
    expect(counters(await take(b, 50))).toEqual(upTo(50))
  })
  check('thousands of messages cross in both directions in order', async ({ a, b }) => {
    const arrived = Promise.all([take(a, 1_500), take(b, 1_500)])
    const sent = upTo(1_500).map(index => numbered(index, 4 + (index % 700)))
    await Promise.all([sendAll(a, sent), sendAll(b, sent)])
    for (const list of await arrived) expect(counters(list)).toEqual(upTo(1_500))
  })
  check('connections between the same transports are independent', async ({ a, b, again }) => {
    const other = await again()
    const arrived = Promise.all([take(b, 1), take(other.b, 1)])
    await other.a.send(numbered(2))
    await a.send(numbered(1))
    expect((await arrived).map(counters)).toEqual([[1], [2]])
    await other.a.close()
    const alive = take(b, 1)
    await a.send(numbered(3))
    expect(counters(await alive)).toEqual([3])
  })
}

function backPressure({ expect }: SuiteRunner, check: Check): void {
  const BURST = 160
  check('a burst waits for the transport and arrives in order', async ({ a, b }) => {
    let settled = 0
    const arrived = take(b, BURST)
    const sends = upTo(BURST).map(index => a.send(numbered(index, MAX_MESSAGE_BYTES)).then(() => settled++))
    await Promise.resolve()
    expect(settled < BURST).toBe(true)
    await Promise.all(sends)
    expect(counters(await arrived)).toEqual(upTo(BURST))
  })
  check('a reader that pauses stops the sender', async ({ a, b, again }) => {
    if (!b.pause || !b.resume) return
    const clock = await again()
    const arrived: Uint8Array[] = []
    let sent = 0
    let all = () => {}
    const complete = new Promise<void>(resolve => (all = resolve))
    b.onMessage(message => {
      arrived.push(message)
      if (arrived.length === sent) all()
    })
    b.pause()
    let stuck: Promise<void> | undefined
    while (!stuck && sent < 1_000) {
      const sending = a.send(numbered(sent++, MAX_MESSAGE_BYTES))
      const moved = await Promise.race([sending.then(() => true), roundTrips(clock, 8).then(() => false)])
      if (!moved) stuck = sending
    }
    expect([stuck !== undefined, arrived.length]).toEqual([true, 0])
    b.resume()
    await stuck
    await complete
    expect(counters(arrived)).toEqual(upTo(sent))
  })
  check('sends that wait are rejected as `peer-gone` when the connection closes', async ({ a, b }) => {
    b.onMessage(() => {})
    const sends = upTo(BURST).map(index => rejection(a.send(numbered(index, MAX_MESSAGE_BYTES))))
    await a.close()
    const codes = await Promise.all(sends)
    expect(codes.at(-1)).toBe('peer-gone')
    expect(codes.every(code => code === undefined || code === 'peer-gone')).toBe(true)
  })
}

function endings({ expect }: SuiteRunner, check: Check): void {
  const sides = {
    'the side that dialled': (met: Pair) => met,
    'the side that accepted': ({ a, b }: Pair) => ({ a: b, b: a }),
  }
  for (const [side, turn] of Object.entries(sides)) {
    check(`${side} closes: what it sent arrives, and both ends learn of an orderly end`, async met => {
      const { a, b } = turn(met)
      const arrived = take(b, 30)
      await sendAll(
        a,
        upTo(30).map(index => numbered(index, 50_000)),
      )
      await a.close()
      expect(counters(await arrived)).toEqual(upTo(30))
      expect([await a.closed, await b.closed]).toEqual([undefined, undefined])
      expect(await rejection(a.send(numbered(1)))).toBe('peer-gone')
      expect(await rejection(b.send(numbered(1)))).toBe('peer-gone')
    })
  }
  check('closing again, or at both ends at once, is no error', async ({ a, b }) => {
    await Promise.all([a.close(), b.close(), a.close()])
    await a.close()
    expect([await a.closed, await b.closed]).toEqual([undefined, undefined])
  })
  check('no message is handed on after close', async ({ a, b }) => {
    let late = 0
    let closed = false
    b.onMessage(() => (late += closed ? 1 : 0))
    const sends = upTo(40).map(index => rejection(a.send(numbered(index, 60_000))))
    closed = true
    await b.close()
    await Promise.all([...sends, a.closed])
    expect(late).toBe(0)
  })
  check('a closed listener takes no new connections, and those it took live on', async met => {
    await met.closeListener()
    expect(await rejection(met.dialling.dial(met.address))).toBe('unreachable')
    const arrived = take(met.b, 1)
    await met.a.send(numbered(5))
    expect(counters(await arrived)).toEqual([5])
  })
}

function dialling({ expect }: SuiteRunner, check: Check): void {
  check('malformed addresses are refused as `bad-address`', async met => {
    const { malformed } = met
    for (const address of ['', 'nonsense', ...malformed]) {
      expect([address, await rejection(met.dialling.dial(address))]).toEqual([address, 'bad-address'])
    }
  })
  check('an address where nobody answers is `unreachable`', async met => {
    for (const address of met.unreachable) expect(await rejection(met.dialling.dial(address))).toBe('unreachable')
  })
  check('dialling stops as `aborted`, before it began and under way', async met => {
    const before = AbortSignal.abort()
    expect(await rejection(met.dialling.dial(met.address, { signal: before }))).toBe('aborted')
    const during = new AbortController()
    const attempt = rejection(met.dialling.dial(met.address, { signal: during.signal }))
    during.abort()
    expect(await attempt).toBe('aborted')
  })
  check('a signal that fires after the dial leaves the connection alone', async met => {
    const later = new AbortController()
    const connection = await met.dialling.dial(met.address, { signal: later.signal })
    later.abort()
    await connection.send(numbered(1))
    await connection.close()
    expect(await connection.closed).toBe(undefined)
  })
}
