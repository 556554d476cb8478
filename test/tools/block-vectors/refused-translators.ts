import type { Deviation } from './refused-fields'
import { EMBEDDING, f32 } from './sealing'

export const PART: readonly Deviation[] = [
  ['unknown-field', 'embedding', 'embedding', EMBEDDING.embedding, 'The field of another kind.'],
  ['missing-field', 'translator.quality', 'translator.quality', undefined, 'No quality.'],
  [
    'bad-model-id',
    'translator.from',
    'translator.from',
    'acme:embed-1#4',
    'Dimensions in `from` that contradict `dims`.',
  ],
  ['bad-model-id', 'translator.to', 'translator.to', 'other:model#5', 'Dimensions in `to` that contradict the means.'],
  ['bad-value', 'translator.method', 'translator.method', 'ridge', 'Another method.'],
  ['wrong-length', 'translator.set', 'translator.set', new Uint8Array(16), 'A set of 16 bytes.'],
  ['out-of-range', 'translator.index', 'translator.index', 2, 'A part number beyond the count.'],
  ['out-of-range', 'translator.count', 'translator.count', 4097, '4,097 parts.'],
  ['out-of-range', 'translator.rows', 'translator.row', 8191, 'Rows beyond 8,192.'],
  ['wrong-length', 'translator.data', 'translator.data', new Uint8Array(5), 'Data of 5 bytes for 2 rows of 3.'],
  ['wrong-length', 'translator.scales', 'translator.scales', f32(1), 'One scale for two rows.'],
  ['out-of-range', 'translator.scales', 'translator.scales', f32(1, 0), 'A scale of zero.'],
  ['unknown-field', 'translator.means', 'translator.index', 1, 'Means in part 1.'],
  ['wrong-length', 'translator.means.from', 'translator.means.from', f32(1, 2), 'Two means for three dimensions.'],
  ['wrong-length', 'translator.means.to', 'translator.means.to', f32(1), 'One mean for two rows.'],
  ['wrong-length', 'translator.means.to', 'translator.means.to', new Uint8Array(15), 'Means of 15 bytes.'],
  ['non-finite', 'translator.means.to', 'translator.means.to', f32(1, 2, 3, Infinity), 'A mean that is infinite.'],
  ['out-of-range', 'translator.quality.top1', 'translator.quality.top1', 1001, 'More than all.'],
  ['out-of-range', 'translator.quality.cosine', 'translator.quality.cosine', -1001, 'A cosine below −1.'],
  ['out-of-range', 'translator.quality.anchors', 'translator.quality.anchors', 2 ** 32, '2^32 anchors.'],
]
