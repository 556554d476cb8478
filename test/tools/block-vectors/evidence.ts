import { cid, type Item } from './raw-cbor'
import type { Deviation } from './refused-fields'
import { AUTHOR, seedOf, TIME } from './sealing'
import type { Payload, SignedRow } from './valid'

const of = (kind: string, own: Item): Payload => ({ v: 1, kind, author: AUTHOR, time: TIME, [kind]: own })
const block = cid(seedOf(7))
const batch = { root: seedOf(8), size: 5 }
const way = { witness: cid(seedOf(9)), block, index: 4, path: seedOf(1) }
const proof = { block, format: 'opentimestamps', data: seedOf(2) }

export const WITNESS = of('witness', { block })
export const INCLUSION = of('inclusion', way)
export const TIMEPROOF = of('timeproof', proof)

export const WITNESSED: readonly SignedRow[] = [
  ['witness', 'A countersignature of one block.', WITNESS],
  ['witness-batch', 'A countersignature of the largest batch.', of('witness', { ...batch, size: 2 ** 30 })],
  ['witness-one', 'A batch of one block.', of('witness', { ...batch, size: 1 })],
  ['inclusion', 'The way from the last of five blocks to the root of their batch.', INCLUSION],
  [
    'inclusion-no-path',
    'The way from the only block of a batch.',
    of('inclusion', { ...way, path: new Uint8Array(0) }),
  ],
  [
    'inclusion-limits',
    'The longest way, from the last place.',
    of('inclusion', { ...way, index: 2 ** 30 - 1, path: new Uint8Array(960) }),
  ],
  ['timeproof', 'A proof of another standard; reading does not judge it.', TIMEPROOF],
  [
    'timeproof-limits',
    'A proof of the most bytes.',
    of('timeproof', { ...proof, format: `a${'0'.repeat(60)}./-`, data: new Uint8Array(65_536) }),
  ],
]

export const WITNESS_FAULTS: readonly Deviation[] = [
  ['missing-field', 'witness', 'witness', undefined, 'No witness.'],
  ['missing-field', 'witness.block', 'witness', {}, 'Neither block nor batch.'],
  ['missing-field', 'witness.root', 'witness', { size: 5 }, 'A batch without root.'],
  ['missing-field', 'witness.size', 'witness', { root: batch.root }, 'A batch without size.'],
  ['unknown-field', 'witness.root', 'witness', { ...batch, block }, 'A block and a batch.'],
  ['unknown-field', 'witness.size', 'witness', { block, size: 1 }, 'A block and a size.'],
  ['unknown-field', 'witness.time', 'witness', { block, time: TIME }, 'A foreign key.'],
  ['bad-type', 'witness.block', 'witness', { block: seedOf(7) }, 'A block that is a byte string.'],
  ['wrong-length', 'witness.root', 'witness', { ...batch, root: new Uint8Array(31) }, 'A root of 31 bytes.'],
  ['out-of-range', 'witness.size', 'witness', { ...batch, size: 0 }, 'A batch of nothing.'],
  ['out-of-range', 'witness.size', 'witness', { ...batch, size: 2 ** 30 + 1 }, 'A batch of more than 2^30 blocks.'],
  ['unknown-field', 'inclusion', 'inclusion', way, 'The field of another kind.'],
]

export const INCLUSION_FAULTS: readonly Deviation[] = [
  ['missing-field', 'inclusion.witness', 'inclusion.witness', undefined, 'No witness.'],
  ['missing-field', 'inclusion.block', 'inclusion.block', undefined, 'No block.'],
  ['missing-field', 'inclusion.path', 'inclusion.path', undefined, 'No path.'],
  ['out-of-range', 'inclusion.index', 'inclusion.index', -1, 'A negative place.'],
  ['out-of-range', 'inclusion.index', 'inclusion.index', 2 ** 30, 'A place beyond the largest batch.'],
  ['wrong-length', 'inclusion.path', 'inclusion.path', new Uint8Array(33), 'A path of 33 bytes.'],
  ['too-large', 'inclusion.path', 'inclusion.path', new Uint8Array(992), 'A path of 31 hashes.'],
  ['bad-type', 'inclusion.path', 'inclusion.path', [seedOf(1)], 'A path that is an array.'],
]

export const TIMEPROOF_FAULTS: readonly Deviation[] = [
  ['missing-field', 'timeproof.block', 'timeproof.block', undefined, 'No block.'],
  ['missing-field', 'timeproof.format', 'timeproof.format', undefined, 'No format.'],
  ['bad-value', 'timeproof.format', 'timeproof.format', 'OpenTimestamps', 'A format with a capital.'],
  ['bad-value', 'timeproof.data', 'timeproof.data', new Uint8Array(0), 'An empty proof.'],
  ['too-large', 'timeproof.data', 'timeproof.data', new Uint8Array(65_537), 'A proof of 65,537 bytes.'],
]
