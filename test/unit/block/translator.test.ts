import { describe, test } from 'vitest'
import { changed, EMBEDDING, expectRefusal, floats, TRANSLATOR, type Deviation } from './payloads'

describe('a translator block is refused', () => {
  test.each<Deviation>([
    ['unknown-field', 'input', 'input', EMBEDDING['input']],
    ['unknown-field', 'translator.bias', 'translator.bias', 1],
    ['missing-field', 'translator.set', 'translator.set', undefined],
    ['wrong-length', 'translator.set', 'translator.set', new Uint8Array(31)],
    ['bad-model-id', 'translator.from', 'translator.from', 'nobody'],
    ['bad-model-id', 'translator.from', 'translator.from', 'acme:embed-1#4'],
    ['bad-model-id', 'translator.to', 'translator.to', 'other:model#5'],
    ['bad-value', 'translator.method', 'translator.method', 'ridge'],
    ['out-of-range', 'translator.index', 'translator.index', 2],
    ['out-of-range', 'translator.count', 'translator.count', 0],
    ['out-of-range', 'translator.count', 'translator.count', 4097],
    ['out-of-range', 'translator.rows', 'translator.row', 8191],
    ['out-of-range', 'translator.dims', 'translator.dims', 8193],
    ['wrong-length', 'translator.data', 'translator.rows', 3],
    ['wrong-length', 'translator.scales', 'translator.scales', floats(1)],
    ['out-of-range', 'translator.scales', 'translator.scales', floats(1, 0)],
    ['non-finite', 'translator.scales', 'translator.scales', floats(1, Infinity)],
    ['unknown-field', 'translator.means', 'translator.index', 1],
    ['wrong-length', 'translator.means.from', 'translator.means.from', floats(1, 2)],
    ['wrong-length', 'translator.means.to', 'translator.means.to', new Uint8Array(15)],
    ['wrong-length', 'translator.means.to', 'translator.means.to', floats(1)],
    ['non-finite', 'translator.means.to', 'translator.means.to', floats(1, 2, 3, Number.NaN)],
    ['missing-field', 'translator.quality', 'translator.quality', undefined],
    ['out-of-range', 'translator.quality.top1', 'translator.quality.top1', 1001],
    ['out-of-range', 'translator.quality.baseline', 'translator.quality.baseline', -1001],
    ['out-of-range', 'translator.quality.gallery', 'translator.quality.gallery', 2 ** 32],
  ])('as %s of %s: %s', (code, field, path, value) => {
    expectRefusal(changed(TRANSLATOR, path, value), code, field)
  })
})
