import { readFileSync } from 'node:fs'
import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, test } from 'vitest'
import { CosmicError, unwrap, type Random } from '../../../src/base/index'
import { CipherState, MAX_PLAINTEXT } from '../../../src/wire/noise-symmetric'
import { NoiseHandshake } from '../../../src/wire/noise-xx'

interface Vector {
  readonly origin: string
  readonly init_prologue: string
  readonly init_static: string
  readonly init_ephemeral: string
  readonly resp_prologue: string
  readonly resp_static: string
  readonly resp_ephemeral: string
  readonly handshake_hash?: string
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[]
}

const file = new URL('../../vectors/noise-xx.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
const keyPair = (secret: string) => ({ secretKey: bytes(secret), publicKey: x25519.getPublicKey(bytes(secret)) })
/** The "random" ephemeral key of a vector. */
const fixed = (secret: string): Random => ({ bytes: () => bytes(secret) })

function parties(vector: Vector): [NoiseHandshake, NoiseHandshake] {
  const initiator = { prologue: bytes(vector.init_prologue), staticKey: keyPair(vector.init_static) }
  const responder = { prologue: bytes(vector.resp_prologue), staticKey: keyPair(vector.resp_static) }
  return [
    new NoiseHandshake({ initiator: true, random: fixed(vector.init_ephemeral), ...initiator }),
    new NoiseHandshake({ initiator: false, random: fixed(vector.resp_ephemeral), ...responder }),
  ]
}

function finished(): [NoiseHandshake, NoiseHandshake] {
  const [initiator, responder] = parties(vectors[0]!)
  const empty = new Uint8Array(0)
  unwrap(responder.read(initiator.write(empty)))
  unwrap(initiator.read(responder.write(empty)))
  unwrap(responder.read(initiator.write(empty)))
  return [initiator, responder]
}

const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof CosmicError ? error.code : error
  }
  return undefined
}

describe('Noise XX', () => {
  test.each(vectors)('reproduces the vector of $origin, both sides', vector => {
    const [initiator, responder] = parties(vector)
    const handshake = vector.messages.slice(0, 3)
    for (const [index, message] of handshake.entries()) {
      const [writer, reader] = index % 2 === 0 ? [initiator, responder] : [responder, initiator]
      const written = writer.write(bytes(message.payload))
      expect(hex(written)).toBe(message.ciphertext)
      expect(hex(unwrap(reader.read(written)))).toBe(message.payload)
    }
    if (vector.handshake_hash) {
      expect(hex(initiator.handshakeHash)).toBe(vector.handshake_hash)
      expect(hex(responder.handshakeHash)).toBe(vector.handshake_hash)
    }
    expect(hex(responder.remoteStatic!)).toBe(hex(initiator.staticKey.publicKey))
    expect(hex(initiator.remoteStatic!)).toBe(hex(responder.staticKey.publicKey))
    const [left, right] = [initiator.split(), responder.split()]
    for (const [index, message] of vector.messages.slice(3).entries()) {
      const [writer, reader] = index % 2 === 0 ? [right, left] : [left, right]
      const ciphertext = writer.send.encrypt(bytes(message.payload))
      expect(hex(ciphertext)).toBe(message.ciphertext)
      expect(hex(reader.receive.decrypt(ciphertext))).toBe(message.payload)
    }
  })

  test('refuses to speak out of turn, and to split early', () => {
    const [initiator, responder] = parties(vectors[0]!)
    expect(codeOf(() => responder.write(new Uint8Array(0)))).toBe('handshake')
    expect(initiator.read(new Uint8Array(32))).toMatchObject({ ok: false, error: { code: 'handshake' } })
    expect(codeOf(() => initiator.split())).toBe('handshake')
  })

  test('different prologues cannot complete a handshake', () => {
    const [initiator, responder] = parties({ ...vectors[0]!, resp_prologue: '00' })
    unwrap(responder.read(initiator.write(new Uint8Array(0))))
    const answer = initiator.read(responder.write(new Uint8Array(0)))
    expect(answer).toMatchObject({ ok: false, error: { code: 'handshake' } })
  })

  test('a key of small order is refused', () => {
    const [, responder] = parties(vectors[0]!)
    unwrap(responder.read(new Uint8Array(32)))
    expect(codeOf(() => responder.write(new Uint8Array(0)))).toBe('handshake')
  })

  test('truncated and oversized messages are refused as that', () => {
    const [, responder] = parties(vectors[0]!)
    expect(responder.read(new Uint8Array(31))).toMatchObject({ ok: false, error: { code: 'truncated' } })
    const [, other] = parties(vectors[0]!)
    expect(other.read(new Uint8Array(65_536))).toMatchObject({ ok: false, error: { code: 'too-large' } })
  })
})

describe('CipherState', () => {
  test('replayed, reordered and forged messages are refused, and the next right one still reads', () => {
    const [initiator, responder] = finished()
    const { send } = initiator.split()
    const { receive } = responder.split()
    const [first, second, third] = [1, 2, 3].map(n => send.encrypt(Uint8Array.of(n)))
    expect([...receive.decrypt(first!)]).toEqual([1])
    expect(codeOf(() => receive.decrypt(first!))).toBe('handshake')
    expect(codeOf(() => receive.decrypt(third!))).toBe('handshake')
    expect(codeOf(() => receive.decrypt(second!.map((byte, i) => (i === 0 ? byte ^ 1 : byte))))).toBe('handshake')
    expect([...receive.decrypt(second!)]).toEqual([2])
  })

  test('lengths are bounded on both sides', () => {
    const cipher = new CipherState(new Uint8Array(32))
    expect(codeOf(() => cipher.encrypt(new Uint8Array(MAX_PLAINTEXT + 1)))).toBe('too-large')
    expect(cipher.encrypt(new Uint8Array(MAX_PLAINTEXT)).length).toBe(65_535)
    expect(codeOf(() => cipher.decrypt(new Uint8Array(15)))).toBe('truncated')
    expect(codeOf(() => cipher.decrypt(new Uint8Array(65_536)))).toBe('too-large')
  })

  test('spent nonces end the cipher', () => {
    const cipher = new CipherState(new Uint8Array(32), Number.MAX_SAFE_INTEGER - 1)
    cipher.encrypt(new Uint8Array(1))
    expect(codeOf(() => cipher.encrypt(new Uint8Array(1)))).toBe('handshake')
  })
})
