import { expect, test } from 'vitest'
import { decodeBlock } from '../../src/block/index'
import { fuzzDecoder } from '../long/decoder-fuzz'

test('20,000 mutants neither crash the decoder nor slip through it (a million: npm run test:long -- decoder-fuzz)', () => {
  const { accepted, refused } = fuzzDecoder(decodeBlock, 20_000, 1)
  expect(accepted).toBeGreaterThan(100)
  expect(refused.size).toBeGreaterThan(20)
})
