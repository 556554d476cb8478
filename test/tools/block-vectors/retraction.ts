import { cid, type Item } from './raw-cbor'
import type { Deviation } from './refused-fields'
import { AUTHOR, changed, seedOf, TIME } from './sealing'
import type { Payload, SignedRow } from './valid'

const TARGET = cid(seedOf(7))
const versions = (count: number): Item[] =>
  Array.from({ length: count }, (_, i) => cid(seedOf(i & 255).with(0, 128 + (i >> 8))))

export const RETRACTION = {
  v: 1,
  kind: 'retraction',
  author: AUTHOR,
  time: TIME,
  retraction: { block: TARGET },
} as const satisfies Item

export const RETRACTED: readonly SignedRow[] = [
  ['retraction', 'The withdrawal of a block.', RETRACTION],
  [
    'retraction-supersedes',
    'The withdrawal of a block that had replaced the most others.',
    changed(RETRACTION, 'supersedes', versions(256)) as Payload,
  ],
  [
    'retraction-common',
    'A withdrawal with fields of every kind.',
    { ...RETRACTION, tags: ['a'], ext: { 'acme/x': 1 } },
  ],
]

export const RETRACTION_FAULTS: readonly Deviation[] = [
  ['missing-field', 'retraction', 'retraction', undefined, 'No retraction.'],
  ['bad-type', 'retraction', 'retraction', TARGET, 'A retraction that is an id.'],
  ['missing-field', 'retraction.block', 'retraction.block', undefined, 'No block that is withdrawn.'],
  ['bad-type', 'retraction.block', 'retraction.block', seedOf(7), 'A block that is a byte string.'],
  ['unknown-field', 'retraction.why', 'retraction.why', 'wrong', 'A foreign key in a retraction.'],
  ['unknown-field', 'retraction.supersedes', 'retraction.supersedes', [TARGET], 'Versions in the wrong place.'],
  ['unknown-field', 'expires', 'expires', TIME + 60_000, 'A withdrawal for a while.'],
  ['bad-value', 'supersedes[1]', 'supersedes', [cid(seedOf(8)), TARGET], 'A block that replaced itself.'],
  ['too-large', 'supersedes', 'supersedes', versions(257), '257 replaced versions.'],
]
