import { blockId, refuse } from '../fields/codec'
import { withCommon } from '../fields/common'
import type { Head } from '../fields/head'
import { record, required } from '../fields/record'
import type { Retraction } from '../retraction-types'
import type { CommonFields } from '../types'

const retraction = record<Retraction>({ block: required('block', blockId) })

/** Kind `retraction`: an author's withdrawal of a block. */
export const retractionKind = withCommon<{ readonly retraction: Retraction }>({
  retraction: required('retraction', retraction),
})

/** It stands in the history for the block that it erases, which is not its own predecessor. */
export function checkRetraction(
  _: Head,
  { retraction: { block }, supersedes = [] }: CommonFields & { readonly retraction: Retraction },
): void {
  const own = supersedes.indexOf(block)
  if (own >= 0) refuse('bad-value', `supersedes[${own}]`, { hint: 'not the retracted block itself' })
}
