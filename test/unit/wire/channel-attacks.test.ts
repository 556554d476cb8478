import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { concat, unwrap, type Random } from '../../../src/base/index'
import { Signer } from '../../../src/signer/index'
import { noisePrologue, proveIdentity } from '../../../src/wire/identity-proof'
import { openSecureChannel, type SecureChannelOptions } from '../../../src/wire/index'
import { CipherState, REKEY_MESSAGES } from '../../../src/wire/noise-symmetric'
import { NoiseHandshake } from '../../../src/wire/noise-xx'
import { connectionPair, ManualTimers, type Tap, type WireEnd } from './connection-pair'

let alice: Signer
let bob: Signer
let mallory: Signer
beforeAll(async () => {
  ;[alice, bob, mallory] = (await Promise.all([1, 2, 3].map(i => Signer.fromSeed(new Uint8Array(32).fill(i))))) as [
    Signer,
    Signer,
    Signer,
  ]
})

const random: Random = { bytes: length => crypto.getRandomValues(new Uint8Array(length)) }
const options = (signer: Signer, more: Partial<SecureChannelOptions> = {}): SecureChannelOptions => ({
  ...{ signer, random, timers: new ManualTimers(), network: 'test' },
  ...more,
})
const codeOf = (opening: Promise<unknown>) =>
  opening.then(
    () => 'open',
    (error: { code: string }) => error.code,
  )
/** Messages as they come to an end of a wire whose other end is in nobody's hands. */
function heard(end: WireEnd): () => Promise<Uint8Array> {
  const queue: Uint8Array[] = []
  let wake = () => {}
  end.onMessage(message => (queue.push(message), wake()))
  return async () => {
    while (queue.length === 0) await new Promise<void>(resolve => (wake = resolve))
    return queue.shift()!
  }
}

/** Initiators of other versions. */
function initiator(offer: Uint8Array) {
  const noise = new NoiseHandshake({ initiator: true, prologue: noisePrologue(offer, 'test'), random })
  return { noise, first: concat(offer, noise.write(new Uint8Array(0))) }
}

describe('versions', () => {
  test('an initiator that speaks later ones too is answered with the highest that both speak', async () => {
    const [dialler, answerer] = connectionPair()
    const answering = openSecureChannel(answerer, options(bob))
    const { noise, first } = initiator(Uint8Array.of(3, 1, 7, 200))
    const next = heard(dialler)
    await dialler.send(first)
    expect(unwrap(noise.read(await next()))[0]).toBe(1)
    await dialler.send(noise.write(await proveIdentity(alice, 'initiator', noise.staticKey.publicKey)))
    expect((await answering).remote).toBe(alice.did)
  })

  test('an offer that lost its later versions on the way is noticed', async () => {
    const cut: Tap = (message, i) => [i === 0 ? concat(Uint8Array.of(1, 1), message.subarray(3)) : message]
    const [dialler, answerer] = connectionPair({ dialler: cut })
    const answering = codeOf(openSecureChannel(answerer, options(bob)))
    const { noise, first } = initiator(Uint8Array.of(2, 1, 7))
    const next = heard(dialler)
    await dialler.send(first)
    expect(noise.read(await next())).toMatchObject({ ok: false, error: { code: 'handshake' } })
    await dialler.close()
    expect(await answering).toBe('peer-gone')
  })

  test('sides that share none are told so', async () => {
    const [dialler, answerer] = connectionPair()
    const answering = codeOf(openSecureChannel(answerer, options(bob)))
    const next = heard(dialler)
    await dialler.send(initiator(Uint8Array.of(2, 2, 7)).first)
    expect([...(await next())]).toEqual([0, 1, 1])
    expect(await answering).toBe('version')
    const [mine, theirs] = connectionPair()
    const dialling = openSecureChannel(mine, options(alice))
    await heard(theirs)()
    await theirs.send(Uint8Array.of(0, 2, 7, 9))
    await expect(dialling).rejects.toMatchObject({ code: 'version', hint: expect.stringContaining('7, 9') })
  })

  test('a version that was not offered is refused', async () => {
    const [mine, theirs] = connectionPair()
    const dialling = codeOf(openSecureChannel(mine, options(alice)))
    const first = await heard(theirs)()
    const prologue = noisePrologue(first.subarray(0, 2), 'test')
    const noise = new NoiseHandshake({ initiator: false, prologue, random })
    unwrap(noise.read(first.subarray(2)))
    const proof = await proveIdentity(bob, 'responder', noise.staticKey.publicKey)
    await theirs.send(noise.write(concat(Uint8Array.of(9), proof)))
    expect(await dialling).toBe('version')
  })

  test.each([
    [[], 'truncated'],
    [[0], 'truncated'],
    [[0, 1], 'truncated'],
    [[255, 1], 'truncated'],
    [[9, ...Array<number>(41).fill(1)], 'too-large'],
    [[0, ...Array<number>(33).fill(1)], 'too-large'],
    [Array<number>(65_535).fill(8), 'too-large'],
  ])('a malformed offer %# is refused', async (bytes, code) => {
    const [dialler, answerer] = connectionPair()
    const answering = codeOf(openSecureChannel(answerer, options(bob)))
    await dialler.send(Uint8Array.from(bytes))
    expect(await answering).toBe(code)
  })
})

describe('an attacker on the way', () => {
  /** A handshake as it went over the wire. */
  async function recorded() {
    const [dialler, answerer] = connectionPair()
    await Promise.all([openSecureChannel(dialler, options(alice)), openSecureChannel(answerer, options(bob))])
    return { dialler: dialler.log, answerer: answerer.log }
  }

  test('who replays one side of a handshake opens nothing, whichever side', async () => {
    const before = await recorded()
    const [dialler, answerer] = connectionPair()
    const answering = codeOf(openSecureChannel(answerer, options(bob)))
    for (const message of before.dialler) await dialler.send(message)
    expect(await answering).toBe('handshake')
    const [mine, theirs] = connectionPair()
    const dialling = codeOf(openSecureChannel(mine, options(alice)))
    await theirs.send(before.answerer[0]!)
    expect(await dialling).toBe('handshake')
  })

  test('who splices the handshakes of two peers opens nothing', async () => {
    const [one, other] = [connectionPair(), connectionPair()]
    const openings = [
      ...[options(alice), options(mallory)].map((each, i) => openSecureChannel([one, other][i]![0], each)),
      ...[options(bob), options(bob)].map((each, i) => openSecureChannel([one, other][i]![1], each)),
    ]
    // The last messages of both change places.
    const crossed = connectionPair({ dialler: (message, i) => [i === 1 ? one[0].log[1]! : message] })
    await Promise.all(openings)
    const codes = await Promise.all([
      codeOf(openSecureChannel(crossed[1], options(bob))),
      openSecureChannel(crossed[0], options(mallory)).then(() => 'open'),
    ])
    expect(codes).toEqual(['handshake', 'open'])
  })

  test('who answers in place of a pinned peer learns nothing of who asks', async () => {
    const [mine, theirs] = connectionPair()
    const dialling = codeOf(openSecureChannel(mine, options(alice, { expected: bob.did })))
    const answering = codeOf(openSecureChannel(theirs, options(mallory)))
    expect(await dialling).toBe('handshake')
    expect(await answering).toBe('peer-gone')
    expect(mine.log).toHaveLength(1)
  })
})

describe('keys', () => {
  const KEY = new Uint8Array(32).fill(7)

  test('give way to the next ones as Noise has it', () => {
    const cipher = new CipherState(KEY.slice())
    for (let i = 0; i < REKEY_MESSAGES; i++) cipher.encrypt(new Uint8Array(1))
    const last = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255)
    const next = chacha20poly1305(KEY, last).encrypt(new Uint8Array(32)).subarray(0, 32)
    const nonce = Uint8Array.of(0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0)
    expect(cipher.encrypt(Uint8Array.of(5))).toEqual(chacha20poly1305(next, nonce).encrypt(Uint8Array.of(5)))
  })

  test('change at both ends at once, again and again, in each direction for itself', () => {
    const [send, receive] = [new CipherState(KEY.slice()), new CipherState(KEY.slice())]
    for (let i = 0; i < 3 * REKEY_MESSAGES + 5; i++) {
      const message = send.encrypt(Uint8Array.of(i & 255))
      // What does not decrypt moves no key.
      if (i % REKEY_MESSAGES > REKEY_MESSAGES - 3) expect(() => receive.decrypt(new Uint8Array(17))).toThrow()
      expect(receive.decrypt(message)[0]).toBe(i & 255)
    }
  })

  test.each([-1, 0, 1])(
    'frame %i beside a change of keys that is lost ends the channel, and nothing after it is read',
    async at => {
      const lost: Tap = (message, i) => (i === 2 + REKEY_MESSAGES + at ? [] : [message])
      const [dialler, answerer] = connectionPair({ dialler: lost })
      const [left, right] = await Promise.all([
        openSecureChannel(dialler, options(alice)),
        openSecureChannel(answerer, options(bob)),
      ])
      let seen = 0
      right.onMessage(() => seen++)
      for (let i = 0; i < REKEY_MESSAGES + 10; i++) await left.send(Uint8Array.of(i & 255)).catch(() => {})
      expect(await right.closed).toMatchObject({ code: 'handshake', field: 'noise' })
      expect(seen).toBe(REKEY_MESSAGES + at)
    },
  )
})
