import { crc32 as zlibCrc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { utf8 } from '../../../src/base/index'
import { crc32 } from '../../../src/platform/crc32'
import { crc32 as nodeCrc32 } from '../../../src/platform/node'

test('crc32 is that of the published check value and of zlib', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf43926)
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) & 255)
  expect(crc32(bytes)).toBe(zlibCrc32(bytes))
  expect(crc32(new Uint8Array(0))).toBe(0)
  expect(crc32(bytes.subarray(300), crc32(bytes.subarray(0, 300)))).toBe(crc32(bytes))
  expect(nodeCrc32(bytes.subarray(300), nodeCrc32(bytes.subarray(0, 300)))).toBe(crc32(bytes))
  for (const from of [1, 300, bytes.length - 5, bytes.length]) {
    expect(crc32(bytes, 7, from)).toBe(zlibCrc32(bytes.subarray(from), 7))
    expect(nodeCrc32(bytes, 7, from)).toBe(crc32(bytes, 7, from))
  }
})
