import { expect, test } from 'vitest'
import { utf8 } from '../../../src/base/index'
import { shortText } from '../../../src/base/short-text'

test('the text of its bytes, whatever was read before', () => {
  // Far more than are remembered, so that most of them take the room of another.
  const texts = Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? 'key' : 'k') + (i * 7919).toString(36))
  for (const text of [...texts, ...texts.toReversed()]) {
    const bytes = utf8(`<${text}>`)
    expect(shortText(bytes, 1, bytes.length - 1)).toBe(text)
  }
})

test('texts with one hash are told apart by their bytes', () => {
  // 31 × 'A' + 'a' = 31 × 'B' + 'B'.
  for (const text of ['Aa', 'BB', 'Aa', 'AaBB', 'BBAa', 'AaAa', 'BBBB'])
    expect(shortText(utf8(text), 0, text.length)).toBe(text)
})

test('none of bytes that are no ASCII, and an empty one of none', () => {
  expect(shortText(utf8('aé'), 0, 3)).toBeUndefined()
  expect(shortText(Uint8Array.of(0x61, 0xff), 0, 2)).toBeUndefined()
  expect(shortText(Uint8Array.of(0x7f), 0, 1)).toBe('\x7f')
  expect(shortText(utf8('abc'), 1, 1)).toBe('')
})
