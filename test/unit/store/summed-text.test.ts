import { expect, test } from 'vitest'
import { utf8 } from '../../../src/base/index'
import { readSummedText, summedText } from '../../../src/store/index'

test.each(['', '0', '1750000000000 1750000000001', 'an epoch/7 12'])('%j is read as it was written', text => {
  expect(readSummedText(summedText(text))).toBe(text)
})

test('a note that lost a bit, its end or its sum is none', () => {
  const note = summedText('1750000000000 12')
  for (let bit = 0; bit < note.length * 8; bit++)
    expect(readSummedText(note.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)))).toBeUndefined()
  for (let end = 0; end < note.length; end++) expect(readSummedText(note.subarray(0, end))).toBeUndefined()
  expect([readSummedText(utf8('1750000000000 12')), readSummedText(undefined)]).toEqual([undefined, undefined])
})
