import { bytes, refuse } from '../fields/codec'
import { withCommon } from '../fields/common'
import type { Head } from '../fields/head'
import { identityKey, isCommitmentTo, refuseAny } from '../fields/identity-key'
import { optional, record, required } from '../fields/record'
import type { Rotation } from '../identity-types'

const rotation = record<Rotation>({
  from: required('from', identityKey),
  to: optional('to', identityKey),
  next: optional('next', bytes(32)),
})

/** Kind `rotation`: by the recovery key, the end of an everyday key. */
export const rotationKind = withCommon<{ readonly rotation: Rotation }>({ rotation: required('rotation', rotation) })

/** What hangs on the author. */
export function checkRotation({ author }: Head, fields: { readonly rotation: Rotation }): void {
  const { from, to, next } = fields.rotation
  refuseAny('rotation.from', [from], [author])
  refuseAny('rotation.to', [to], [author, from])
  if (next && !to) refuse('unknown-field', 'rotation.next', { hint: 'beside to only' })
  if (isCommitmentTo(next, to)) refuse('bad-value', 'rotation.next', { hint: 'not the everyday key' })
}
