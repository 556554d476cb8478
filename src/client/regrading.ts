import { loadRegrader, type EvidenceReader, type RegraderParts } from '../ingest/index'
import { IdentityChanges } from './identity-changes'
import type { IdentityBook } from './identity-book'
import type { Validator } from './options'

export { KinRetractions } from './kin-retractions'

/** Judges stored blocks anew as long as it is open. */
export interface Regrading {
  /** Whether something waits for it. */
  readonly busy: boolean
  open(): void
  close(): Promise<void>
}

/** None for a validator that never changes its mind. */
export async function regradingOf(
  validator: Validator,
  book: IdentityBook,
  parts: Omit<RegraderParts, 'reader' | 'authors'>,
): Promise<Regrading | undefined> {
  if (!validator.regrade) return undefined
  const { Regrader } = await loadRegrader()
  const { usesIdentities = true } = validator
  const changes = new IdentityChanges({ identities: book.identities, side: parts.store.side, usesIdentities })
  const reader = validator.affectedBy ? (validator as EvidenceReader) : NO_EVIDENCE
  const regrader = new Regrader({ ...parts, reader, authors: changes })
  book.onChange(about => {
    changes.note(about)
    regrader.wake()
  })
  return regrader
}

const NO_EVIDENCE: EvidenceReader = { affectedBy: () => [], usesEvidence: false }
