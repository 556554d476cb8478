import { expect, test } from 'vitest'
import { createBlock, EncryptionKey, openSealed, Signer } from '../../src/index'

test('seals and opens in a browser', async () => {
  const [signer, key] = [await Signer.generate(), await EncryptionKey.generate()]
  const fields = { embedding: [1, 2], model: 'acme:tiny', input: { type: 'text', content: 'hidden' } } as const
  const block = await createBlock({ ...fields, recipients: [key.publicKey] }, signer)
  const opened = await openSealed(block, key)
  expect(opened.ok && opened.value.input.content).toBe('hidden')
})
