import { expect, test } from 'vitest'
import { FAMILIES, fuzzMessages } from '../long/messages-fuzz'

test('2,000 mutants of every type of message are dealt with or refused (a million: npm run test:long -- messages)', () => {
  const { accepted, refused } = fuzzMessages(2_000, 1)
  for (const family of FAMILIES) {
    expect(refused.get(family)).toBeGreaterThan(30)
    if (family !== 'cells') expect(accepted.get(family)).toBeGreaterThan(5)
  }
})
