import { expect, test, vi } from 'vitest'
import { Signer, verifySignature } from '../../../src/signer/index'
import { CosmicValidator, verifyBlocks } from '../../../src/validate/index'
import { testedNative } from '../../../src/signer/native'
import { withBadSignature } from '../../tools/forge-signature'
import { clock, placeless } from './blocks'

// A runtime without native Ed25519: everything else of the platform is the real thing.
vi.mock('#platform', async original => ({ ...(await original<object>()), nativeEd25519: undefined }))

test('blocks are made, signed and verified without native Ed25519', async () => {
  expect(await testedNative()).toEqual({})
  const signer = await Signer.generate()
  const made = []
  for (let i = 0; i < 12; i++) made.push(await placeless({ embedding: [i] }, signer))
  expect(await new CosmicValidator({ clock }).validate(made[0]!)).toMatchObject({ status: 'valid', admitted: true })

  const mix = made.flatMap(block => [block.bytes, withBadSignature(block)])
  const results: boolean[] = []
  for await (const { result } of verifyBlocks(mix)) results.push(result.ok)
  expect(results).toEqual(made.flatMap(() => [true, false]))
  expect(await verifySignature(signer.publicKey, new Uint8Array(1), await signer.sign(new Uint8Array(1)))).toBe(true)
})
