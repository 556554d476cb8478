import { beforeAll, describe, expect, test } from 'vitest'
import type { Random } from '../../../src/base/index'
import { Signer } from '../../../src/signer/index'
import { MAX_CHANNEL_MESSAGE, openSecureChannel, type SecureChannelOptions } from '../../../src/wire/index'
import { connectionPair, ManualTimers, type Tap, type WireEnd } from './connection-pair'

let alice: Signer
let bob: Signer
beforeAll(async () => {
  alice = await Signer.fromSeed(new Uint8Array(32).fill(1))
  bob = await Signer.fromSeed(new Uint8Array(32).fill(2))
})

const random: Random = { bytes: length => crypto.getRandomValues(new Uint8Array(length)) }
const options = (signer: SecureChannelOptions['signer'], more: Partial<SecureChannelOptions> = {}) => ({
  signer,
  random,
  timers: new ManualTimers(),
  network: 'test',
  ...more,
})

async function channels(taps: { dialler?: Tap; answerer?: Tap } = {}) {
  const [dialler, answerer] = connectionPair(taps)
  const [left, right] = await Promise.all([
    openSecureChannel(dialler, options(alice)),
    openSecureChannel(answerer, options(bob)),
  ])
  return { left, right, dialler, answerer }
}

/** Both outcomes of a handshake, as did or failure code. */
async function outcome(ends: [WireEnd, WireEnd], left: SecureChannelOptions, right: SecureChannelOptions) {
  const settled = await Promise.allSettled([openSecureChannel(ends[0], left), openSecureChannel(ends[1], right)])
  return settled.map(result =>
    result.status === 'fulfilled' ? result.value.remote : (result.reason as { code: string }).code,
  )
}

const flipped: Tap = message => [message.map((byte, i) => (i === message.length - 1 ? byte ^ 1 : byte))]

describe('openSecureChannel', () => {
  test('both sides learn who the other is and exchange messages in order, long and short', async () => {
    const { left, right, dialler } = await channels()
    expect([left.remote, right.remote]).toEqual([bob.did, alice.did])
    const seen: number[] = []
    const done = new Promise<void>(resolve => right.onMessage(message => seen.push(message.length) === 4 && resolve()))
    const lengths = [5, MAX_CHANNEL_MESSAGE, 0, 65_519]
    await Promise.all(lengths.map(length => left.send(new Uint8Array(length))))
    await done
    expect(seen).toEqual(lengths)
    expect(dialler.log.every(message => message.length <= 65_535)).toBe(true)
  })

  test('nothing of the identities is in the clear', async () => {
    const { dialler, answerer } = await channels()
    const wire = Buffer.concat([...dialler.log, ...answerer.log])
    expect(wire.includes(Buffer.from(alice.publicKey))).toBe(false)
    expect(wire.includes(Buffer.from(bob.publicKey))).toBe(false)
  })

  test('messages that come before the handler is set are kept', async () => {
    const { left, right } = await channels()
    await left.send(Uint8Array.of(1))
    const first = new Promise<number[]>(resolve => right.onMessage(message => resolve([...message])))
    expect(await first).toEqual([1])
  })

  test('more unread bytes than a message may have end the channel', async () => {
    const { left, right } = await channels()
    await left.send(new Uint8Array(MAX_CHANNEL_MESSAGE - 1000))
    await left.send(new Uint8Array(2000)).catch(() => {})
    expect(await right.closed).toMatchObject({ code: 'limit', field: 'unread' })
  })

  test('a paused channel keeps messages in order until it is resumed, and may be paused again by its handler', async () => {
    const { left, right } = await channels()
    const seen: number[] = []
    right.onMessage(([n]) => {
      seen.push(n!)
      if (n === 2) right.pause()
    })
    right.pause()
    for (const n of [1, 2, 3]) await left.send(Uint8Array.of(n))
    expect(seen).toEqual([])
    right.resume()
    expect(seen).toEqual([1, 2])
    right.resume()
    await left.send(Uint8Array.of(4))
    expect(seen).toEqual([1, 2, 3, 4])
  })

  test('pausing stops the connection where it can stop', async () => {
    const [dialler, answerer] = connectionPair()
    const calls: string[] = []
    const pausable = Object.assign(answerer, { pause: () => calls.push('pause'), resume: () => calls.push('resume') })
    const [, right] = await Promise.all([
      openSecureChannel(dialler, options(alice)),
      openSecureChannel(pausable, options(bob)),
    ])
    right.pause()
    right.resume()
    expect(calls).toEqual(['pause', 'resume'])
  })

  test('what a paused channel keeps is bounded, for empty messages too', async () => {
    const { right, dialler } = await channels()
    right.onMessage(() => {})
    right.pause()
    const most = MAX_CHANNEL_MESSAGE / 64
    for (let i = 0; i < most; i++) await dialler.send(new Uint8Array(0))
    expect(await Promise.race([right.closed, Promise.resolve('open')])).toBe('open')
    await dialler.send(new Uint8Array(0))
    expect(await right.closed).toMatchObject({ code: 'limit', field: 'unread' })
  })

  test('another identity than the expected one is refused, by either side', async () => {
    expect(await outcome(connectionPair(), options(alice, { expected: bob.did }), options(bob))).toEqual([
      bob.did,
      alice.did,
    ])
    expect((await outcome(connectionPair(), options(alice, { expected: alice.did }), options(bob)))[0]).toBe(
      'handshake',
    )
    expect((await outcome(connectionPair(), options(alice), options(bob, { expected: bob.did })))[1]).toBe('handshake')
  })

  test('another network is refused', async () => {
    const [left] = await outcome(connectionPair(), options(alice, { network: 'one' }), options(bob, { network: 'two' }))
    expect(left).toBe('handshake')
  })

  test('a small-order identity is refused, although anyone can sign for it', async () => {
    const publicKey = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))
    const signature = Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0))
    const nobody = { publicKey, did: 'did:key:nobody', sign: () => Promise.resolve(signature) }
    expect((await outcome(connectionPair(), options(nobody), options(bob)))[1]).toBe('bad-author-key')
  })

  test("a proof that does not sign this handshake's static key is refused", async () => {
    const thief = { publicKey: alice.publicKey, did: alice.did, sign: () => alice.sign(new Uint8Array(96)) }
    expect((await outcome(connectionPair(), options(thief), options(bob)))[1]).toBe('bad-signature')
    expect((await outcome(connectionPair(), options(alice), options(thief)))[0]).toBe('bad-signature')
  })

  test("one side's proof is worth nothing in the other role", async () => {
    const label = Buffer.from('cosmic-embeddings/noise/1')
    const turned = (role: string) => ({
      publicKey: alice.publicKey,
      did: alice.did,
      sign: (message: Uint8Array) => alice.sign(Buffer.concat([label, Buffer.from(role), message.slice(-32)])),
    })
    expect((await outcome(connectionPair(), options(turned('initiator')), options(bob)))[1]).toBe(alice.did)
    expect((await outcome(connectionPair(), options(turned('responder')), options(bob)))[1]).toBe('bad-signature')
  })

  test.each([0, 1])('a handshake message %i that was changed, cut or padded is refused', async index => {
    const at =
      (tap: Tap): Tap =>
      (message, i) =>
        i === index ? tap(message, i) : [message]
    const cut: Tap = message => [message.slice(0, -1)]
    const padded: Tap = message => [Uint8Array.from([...message, 0])]
    for (const [tap, code] of [
      [flipped, 'handshake'],
      [cut, 'truncated'],
      [padded, 'too-large'],
    ] as const) {
      const codes = await outcome(connectionPair({ dialler: at(tap) }), options(alice), options(bob))
      expect(codes).toContain(code)
    }
  })

  test.each([
    ['changed', flipped],
    ['replayed', (message: Uint8Array) => [message, message]],
    ['cut', (message: Uint8Array) => [message.slice(0, 20)]],
  ] as const)('a message that was %s ends the channel', async (_, tap) => {
    const { left, right } = await channels({ dialler: (message, i) => (i >= 2 ? tap(message, i) : [message]) })
    const seen: Uint8Array[] = []
    right.onMessage(message => seen.push(message))
    await left.send(new Uint8Array(100)).catch(() => {})
    expect(await right.closed).toMatchObject({ code: 'handshake' })
    expect(seen.length).toBeLessThanOrEqual(1)
    await expect(left.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'peer-gone' })
  })

  test('what breaks the connection below it is told apart from what the peer does', async () => {
    const { left, right, answerer } = await channels()
    answerer.end({ code: 'protocol', message: 'a text message on a binary connection' })
    expect(await right.closed).toMatchObject({ code: 'protocol', field: 'connection' })
    await left.close()
    expect(await left.closed).toBe(undefined)
  })

  test('a message over the limit is refused before it is sent', async () => {
    const { left } = await channels()
    await expect(left.send(new Uint8Array(MAX_CHANNEL_MESSAGE + 1))).rejects.toMatchObject({ code: 'too-large' })
  })

  test('a silent peer is given up after the timeout, and no timer is left', async () => {
    const [dialler] = connectionPair()
    const timers = new ManualTimers()
    const opening = openSecureChannel(dialler, options(alice, { timers }))
    expect([...timers.pending].map(timer => timer.milliseconds)).toEqual([10_000])
    timers.fire()
    await expect(opening).rejects.toMatchObject({ code: 'timeout', field: 'handshake' })
    await expect(dialler.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'peer-gone' })
    const both = { timers: new ManualTimers() }
    await outcome(connectionPair(), options(alice, both), options(bob, both))
    expect(both.timers.pending.size).toBe(0)
  })

  test.each([
    [5_000, 5_000],
    [60_000, 10_000],
  ])('a caller who gives the handshake %i ms gives it %i', async (handshakeMs, given) => {
    const timers = new ManualTimers()
    const opening = openSecureChannel(connectionPair()[0], options(alice, { timers, handshakeMs }))
    expect([...timers.pending].map(timer => timer.milliseconds)).toEqual([given])
    timers.fire()
    await expect(opening).rejects.toMatchObject({ code: 'timeout', limit: given })
  })

  test('a peer that goes away mid-handshake, and an abort, are typed failures', async () => {
    const [dialler, answerer] = connectionPair()
    const opening = openSecureChannel(dialler, options(alice))
    await answerer.close()
    await expect(opening).rejects.toMatchObject({ code: 'peer-gone' })
    const abort = new AbortController()
    const other = openSecureChannel(connectionPair()[0], options(alice, { signal: abort.signal }))
    abort.abort()
    await expect(other).rejects.toMatchObject({ code: 'aborted' })
  })

  test('a network id over 255 bytes is refused', async () => {
    const opening = openSecureChannel(connectionPair()[0], options(alice, { network: 'x'.repeat(256) }))
    await expect(opening).rejects.toMatchObject({ code: 'too-large', field: 'network' })
  })
})
