import { createHash } from 'node:crypto'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { describe, expect, test, vi } from 'vitest'
import * as browser from '../../../src/platform/browser'
import * as node from '../../../src/platform/node'
import { x25519 } from '../../../src/signer/x25519'
import type { Platform } from '../../../src/platform/types'

/** RFC 8032 section 7.1, test 1. */
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
const PUBLIC_KEY = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
const SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'

describe.each<[string, Platform]>([
  ['node', node],
  ['browser', browser],
])('platform %s', (_, platform) => {
  test('hashes with SHA-256, here and beside the calling thread', async () => {
    for (const length of [0, 1, 64, 3000]) {
      const bytes = new Uint8Array(length + 5).fill(3).subarray(5)
      const expected = new Uint8Array(createHash('sha256').update(bytes).digest())
      expect(platform.sha256(bytes)).toEqual(expected)
      expect(platform.sha256(bytes).constructor).toBe(Uint8Array)
      expect(await (platform.sha256InPool ?? platform.sha256)(bytes)).toEqual(expected)
    }
  })

  test('proves signatures in the calling thread, and none with a bad one among them', async () => {
    const prove = (await platform.openProveHere())!
    const signature = new Uint8Array(Buffer.from(SIGNATURE, 'hex'))
    const claims = Array.from({ length: 10 }, () => [new Uint8Array(PUBLIC_KEY), new Uint8Array(0), signature] as const)
    expect(prove(claims)).toEqual(Array.from({ length: 10 }, () => true))
    expect(prove([...claims, [new Uint8Array(PUBLIC_KEY), Uint8Array.of(1), signature]])).not.toContain(true)
    expect(prove([])).toEqual([])
  })

  test('draws more random bytes than one system call gives', () => {
    const bytes = platform.random.bytes(200_000)
    expect(bytes.length).toBe(200_000)
    for (const start of [0, 70_000, 199_900])
      expect(bytes.subarray(start, start + 100).some(byte => byte !== 0)).toBe(true)
    expect(platform.random.bytes(32)).not.toEqual(platform.random.bytes(32))
  })

  test('tells the time', () => {
    expect(Math.abs(platform.clock.now() - Date.now())).toBeLessThan(1000)
  })

  test('signs and verifies as RFC 8032 says', async () => {
    const native = platform.nativeEd25519!
    const message = new Uint8Array(0)
    const signature = await native.sign(SEED, message)
    expect(Buffer.from(signature).toString('hex')).toBe(SIGNATURE)
    expect(await native.sign(SEED, message)).toEqual(signature)
    expect(await native.verify(PUBLIC_KEY, message, signature)).toBe(true)
    expect(await native.verify(PUBLIC_KEY, new Uint8Array(1), signature)).toBe(false)
  })
})

describe('ChaCha20-Poly1305', () => {
  const cipher = node.nativeChaChaPoly()!
  const draw = (length: number) => node.random.bytes(length)

  test('gives what the one in JavaScript gives, and opens it', () => {
    for (const length of [0, 1, 15, 16, 17, 1_000, 65_519]) {
      const [key, nonce, associated, plaintext] = [draw(32), draw(12), draw(length % 40), draw(length)]
      const sealed = cipher.seal(key, nonce, associated, plaintext)
      expect(sealed).toEqual(chacha20poly1305(key, nonce, associated).encrypt(plaintext))
      expect(sealed.constructor).toBe(Uint8Array)
      const opened = cipher.open(key, nonce, associated, sealed)
      expect(opened).toEqual(plaintext)
      expect(opened.constructor).toBe(Uint8Array)
    }
  })

  test('refuses what was changed anywhere', () => {
    const [key, nonce, associated] = [draw(32), draw(12), draw(9)]
    const sealed = cipher.seal(key, nonce, associated, draw(40))
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.map((byte, i) => (i === at ? byte ^ 1 : byte))
      expect(() => cipher.open(key, nonce, associated, changed)).toThrow()
    }
    expect(() => cipher.open(key, draw(12), associated, sealed)).toThrow()
    expect(() => cipher.open(key, nonce, draw(9), sealed)).toThrow()
    expect(() => cipher.open(key, nonce, associated, sealed.subarray(0, 55))).toThrow()
  })
})

describe('X25519', () => {
  const agreement = node.nativeX25519()!

  test('gives what the one in JavaScript gives', () => {
    for (let i = 0; i < 20; i++) {
      const [mine, theirs] = [node.random.bytes(32), node.random.bytes(32)]
      const publicKey = agreement.publicKey(theirs)
      expect(publicKey).toEqual(x25519.getPublicKey(theirs))
      // The highest bit of a public key does not count.
      publicKey[31]! |= i % 2 ? 0x80 : 0
      expect(agreement.sharedSecret(mine, publicKey)).toEqual(x25519.getSharedSecret(mine, publicKey))
    }
  })

  test('refuses the points of small order that the one in JavaScript refuses', () => {
    const small = ['00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(30)}7f`]
    for (const point of small) {
      const publicKey = Uint8Array.from(Buffer.from(point, 'hex'))
      expect(() => x25519.getSharedSecret(node.random.bytes(32), publicKey)).toThrow()
      expect(() => agreement.sharedSecret(node.random.bytes(32), publicKey)).toThrow()
    }
  })
})

describe('timers', () => {
  test('fire once, are cancelled, and survive delays beyond 32 bits', () => {
    vi.useFakeTimers()
    try {
      const fired: string[] = []
      node.timers.set(() => fired.push('short'), 10)
      node.timers.set(() => fired.push('cancelled'), 10)()
      node.timers.set(() => fired.push('far'), 2 ** 40, { unref: true })
      vi.advanceTimersByTime(1000)
      expect(fired).toEqual(['short'])
    } finally {
      vi.useRealTimers()
    }
  })
})
