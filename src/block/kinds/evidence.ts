import { blockId, byteString, bytes, integer, refuse, withCheck, type Codec } from '../fields/codec'
import { withCommon } from '../fields/common'
import { name } from '../fields/names'
import { optional, record, required } from '../fields/record'
import type { Inclusion, TimeProofData, Witness } from '../evidence-types'
import { LIMITS } from '../limits'
import { HASH_LENGTH, longestPath } from '../merkle-proof'

interface WitnessFields {
  readonly block?: string
  readonly root?: Uint8Array
  readonly size?: number
}

const witness = withCheck(
  record<WitnessFields>({
    block: optional('block', blockId),
    root: optional('root', bytes(HASH_LENGTH)),
    size: optional('size', integer(1, LIMITS.batch)),
  }),
  checkWitness,
)

const inclusion = record<Inclusion>({
  witness: required('witness', blockId),
  block: required('block', blockId),
  index: required('index', integer(0, LIMITS.batch - 1)),
  path: required(
    'path',
    withCheck(byteString, ({ length }, path) => {
      if (length > longestPath(LIMITS.batch)) refuse('too-large', path, { limit: longestPath(LIMITS.batch) })
      if (length % HASH_LENGTH !== 0) refuse('wrong-length', path, { hint: `a multiple of ${HASH_LENGTH}` })
    }),
  ),
})

const timeproof = record<TimeProofData>({
  block: required('block', blockId),
  format: required('format', name),
  data: required(
    'data',
    withCheck(byteString, ({ length }, path) => {
      if (length === 0) refuse('bad-value', path, { hint: 'not empty' })
      if (length > LIMITS.proofBytes) refuse('too-large', path, { limit: LIMITS.proofBytes })
    }),
  ),
})

/** Kind `witness`: a countersignature with the witness's own time. */
export const witnessKind = withCommon<{ readonly witness: Witness }>({
  witness: required('witness', witness as Codec<object> as Codec<Witness>),
})

/** Kind `inclusion`: the way from a block to the root of a witnessed batch. */
export const inclusionKind = withCommon<{ readonly inclusion: Inclusion }>({
  inclusion: required('inclusion', inclusion),
})

/** Kind `timeproof`: a proof of an outside standard. */
export const timeproofKind = withCommon<{ readonly timeproof: TimeProofData }>({
  timeproof: required('timeproof', timeproof),
})

/** Either one block, or the root and the size of a batch. */
function checkWitness({ block, root, size }: WitnessFields, path: string): void {
  if (block === undefined) {
    if (root === undefined) refuse('missing-field', `${path}.${size === undefined ? 'block' : 'root'}`)
    if (size === undefined) refuse('missing-field', `${path}.size`)
  } else if (root !== undefined) refuse('unknown-field', `${path}.root`, { hint: 'not beside block' })
  else if (size !== undefined) refuse('unknown-field', `${path}.size`, { hint: 'not beside block' })
}
