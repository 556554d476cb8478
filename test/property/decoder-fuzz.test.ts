import { expect, test } from 'vitest'
import { createBlock, decodeBlock } from '../../src/block/index'
import { Signer } from '../../src/signer/index'
import { fuzzDecoder } from '../long/decoder-fuzz'

test('20,000 mutants neither crash the decoder nor slip through it (a million: npm run test:long -- decoder-fuzz)', async () => {
  const subject = { createBlock, decodeBlock, signer: await Signer.fromSeed(new Uint8Array(32).fill(7)) }
  const { accepted, refused } = await fuzzDecoder(subject, 20_000, 1)
  expect(accepted).toBeGreaterThan(100)
  expect(refused.size).toBeGreaterThan(20)
})
