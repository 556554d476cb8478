import { x25519 as ready } from '@noble/curves/ed25519.js'
import { hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { x25519 } from '../../../src/signer/x25519'

/** RFC 7748 section 5.2, input scalars, u-coordinates and outputs. */
const vectors = [
  [
    'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  ],
  [
    '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  ],
] as const

test.each(vectors)('reproduces RFC 7748 section 5.2: %s', (scalar, u, out) => {
  expect(x25519.getSharedSecret(hexToBytes(scalar), hexToBytes(u))).toEqual(hexToBytes(out))
})

test('answers what the ready-made curve answers', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(key, key, (secret, other) => {
      const publicKey = ready.getPublicKey(other)
      expect(x25519.getPublicKey(secret)).toEqual(ready.getPublicKey(secret))
      expect(x25519.getSharedSecret(secret, publicKey)).toEqual(ready.getSharedSecret(secret, publicKey))
    }),
    { numRuns: 30 },
  )
})

test('refuses a peer key that gives everyone the same secret', () => {
  expect(() => x25519.getSharedSecret(new Uint8Array(32).fill(7), new Uint8Array(32))).toThrow()
})
