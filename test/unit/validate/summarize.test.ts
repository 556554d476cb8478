import { expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { summarizeInvalid } from '../../../src/validate/summarize'

test('a value outside of its limits is told in words, and no fact twice', () => {
  const failure = { code: 'out-of-range', field: 'place.latitude', limit: '-90 … 90' } as const
  const sentence =
    'Invalid (out-of-range, field place.latitude, limit -90 … 90): place.latitude lies outside of -90 … 90.'
  expect(summarizeInvalid(failure)).toBe(sentence)
  const { message } = new CosmicError(failure)
  expect(summarizeInvalid({ ...failure, message })).toBe(sentence)
  expect(summarizeInvalid({ code: 'bad-signature' })).toBe('Invalid (bad-signature).')
  expect(summarizeInvalid({ code: 'bad-signature', message: 'it does not fit' })).toContain(': it does not fit.')
})
