import { Chacha20Poly1305 } from '@hpke/chacha20poly1305'
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { expect, test } from 'vitest'
import { utf8 } from '../../../src/base/index'
import { deriveKeyPair, hpkeOpen, hpkeSeal } from '../../../src/signer/hpke'
import vector from '../../vectors/hpke-a2.json'

const hex = (name: keyof typeof vector) => hexToBytes(vector[name])
const context = { info: hex('info'), aad: hex('aad') }
const recipient = deriveKeyPair(hex('ikmR'))

test('RFC 9180 appendix A.2.1: keys, ciphertext, and back', () => {
  expect(bytesToHex(recipient.publicKey)).toBe(vector.pkRm)
  expect(bytesToHex(recipient.secretKey)).toBe(vector.skRm)
  expect(bytesToHex(deriveKeyPair(hex('ikmE')).secretKey)).toBe(vector.skEm)
  const message = hpkeSeal(recipient.publicKey, context, hex('pt'), hex('ikmE'))
  expect(bytesToHex(message.enc)).toBe(vector.pkEm)
  expect(bytesToHex(message.ciphertext)).toBe(vector.ct)
  expect(hpkeOpen(recipient, context, message)).toEqual(hex('pt'))
})

test('@hpke/core opens what we seal, and we open what it seals', async () => {
  const kem = new DhkemX25519HkdfSha256()
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() })
  const info = utf8('some info')
  const aad = utf8('some aad')
  const plaintext = utf8('Water boils at 100 °C.')
  const ours = hpkeSeal(recipient.publicKey, { info, aad }, plaintext, new Uint8Array(32).fill(7))
  const recipientKey = await kem.deserializePrivateKey(hex('skRm').slice().buffer)
  const opened = await suite.open({ recipientKey, enc: ours.enc.slice().buffer, info }, ours.ciphertext, aad)
  expect(new Uint8Array(opened)).toEqual(plaintext)

  const recipientPublicKey = await kem.deserializePublicKey(hex('pkRm').slice().buffer)
  const theirs = await suite.seal({ recipientPublicKey, info }, plaintext, aad)
  const message = { enc: new Uint8Array(theirs.enc), ciphertext: new Uint8Array(theirs.ct) }
  expect(hpkeOpen(recipient, { info, aad }, message)).toEqual(plaintext)
})

test('nothing opens when a key, the info, the aad, or any part of the message differs', () => {
  const message = hpkeSeal(recipient.publicKey, context, hex('pt'), hex('ikmE'))
  const other = new Uint8Array(1)
  const flipped = (bytes: Uint8Array) => bytes.with(3, bytes[3]! ^ 1)
  expect(() => hpkeOpen(deriveKeyPair(hex('ikmE')), context, message)).toThrow()
  expect(() => hpkeOpen(recipient, { ...context, info: other }, message)).toThrow()
  expect(() => hpkeOpen(recipient, { ...context, aad: other }, message)).toThrow()
  expect(() => hpkeOpen(recipient, context, { ...message, enc: flipped(message.enc) })).toThrow()
  expect(() => hpkeOpen(recipient, context, { ...message, ciphertext: flipped(message.ciphertext) })).toThrow()
  expect(() => hpkeOpen(recipient, context, { ...message, ciphertext: other })).toThrow()
})

test('a public key of small order is refused: its shared secret would be known to all', () => {
  for (const point of [new Uint8Array(32), new Uint8Array(32).with(0, 1)]) {
    expect(() => hpkeSeal(point, context, hex('pt'), hex('ikmE'))).toThrow()
  }
})
