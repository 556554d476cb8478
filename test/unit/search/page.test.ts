import { expect, test } from 'vitest'
import { checksum } from '../../../src/search/saved/checksum'
import { decodeHead, encodeHead } from '../../../src/search/saved/head'
import { decodePage, encodePage, rowsPerPage, type PageRows } from '../../../src/search/saved/page'

const rows: PageRows = {
  ...{ model: 7, dims: 3, stamp: 9, origin: 4, rows: [0, 2, 5], ids: ['a', 'b\u00e9', 'c'] },
  traits: [
    { author: 'did:key:a', time: 1, tags: ['x', 'y'], holds: [] },
    { author: 'did:key:b', time: 2, tags: [], holds: ['even'], expires: 77 },
    { author: 'did:key:a', time: 3, tags: ['y'], holds: [], place: { latitude: -1.5, longitude: 180 } },
  ],
  exact: Float32Array.of(1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 1, 4),
  codes: Uint8Array.from({ length: 30 }, (_, i) => i),
}

test('a page gives back its rows, wherever it lies in memory', () => {
  const page = encodePage(rows)
  expect(decodePage(page)).toEqual(rows)
  const shifted = new Uint8Array(page.length + 3)
  shifted.set(page, 3)
  expect(decodePage(shifted.subarray(3))).toEqual(rows)
})

test('no changed byte of a page or a head goes unnoticed, nor one too few or too many', () => {
  const head = encodeHead({ spaces: [{ number: 1, model: 'm', dims: 3, size: 2, span: 2, stamp: 0 }], next: 2 })
  for (const [bytes, read] of [
    [encodePage(rows), decodePage],
    [head, decodeHead],
  ] as const) {
    expect(read(bytes)).toBeDefined()
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) expect(read(bytes.with(at, bytes[at]! ^ (1 << bit)))).toBeUndefined()
    }
    for (let length = 0; length < bytes.length; length++) expect(read(bytes.slice(0, length))).toBeUndefined()
    expect(read(Uint8Array.of(...bytes, 0))).toBeUndefined()
  }
})

test('the checksum differs by length, by place and by value', () => {
  const sums = new Set<number>()
  for (let length = 0; length < 40; length++) {
    sums.add(checksum(new Uint8Array(length)))
    for (let at = 0; at < length; at++) sums.add(checksum(new Uint8Array(length).with(at, 1)))
  }
  expect(sums.size).toBe(40 + (40 * 39) / 2)
})

test('pages are of about the same size, whatever the vectors', () => {
  expect([8, 48, 384, 1536, 8192].map(rowsPerPage)).toEqual([512, 512, 256, 64, 16])
})
