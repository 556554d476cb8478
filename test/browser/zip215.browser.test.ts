import { expect, test } from 'vitest'
import { nativeEd25519 } from '../../src/platform/browser'
import { verifySignature } from '../../src/signer/index'
import { edgeSignatures } from '../tools/edge-signatures'
import speccheck from '../vectors/ed25519-speccheck-zip215.json'

const unhex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
const published = speccheck.map(({ kind, publicKey, message, signature, valid }) => ({
  name: kind,
  publicKey: unhex(publicKey),
  message: unhex(message),
  signature: unhex(signature),
  valid,
}))
const cases = [...published, ...edgeSignatures()]

test('the browser answers every published and generated edge case as ZIP-215 does', async () => {
  const wrong: string[] = []
  for (const { name, publicKey, message, signature, valid } of cases) {
    if ((await verifySignature(publicKey, message, signature)) !== valid) wrong.push(name)
  }
  expect(wrong).toEqual([])
})

test('its WebCrypto accepts nothing that ZIP-215 refuses', async () => {
  for (const { name, publicKey, message, signature } of cases.filter(({ valid }) => !valid)) {
    const accepted = await Promise.resolve(nativeEd25519!.verify(publicKey, message, signature)).catch(() => false)
    expect([name, accepted]).toEqual([name, false])
  }
})
