import type { ConnectReport } from './connect-report'

/**
 * Every way in which a call on one's own data can fail, or foreign bytes can be refused.
 * The union is closed: a switch over it can be exhaustive. Codes are stable; their wording is not.
 */
export type ErrorCode =
  // canonical form (docs/spec/block.md, "Refusals")
  | 'too-large'
  | 'truncated'
  | 'trailing-bytes'
  | 'not-shortest'
  | 'indefinite-length'
  | 'unsorted-keys'
  | 'duplicate-key'
  | 'bad-key'
  | 'bad-utf8'
  | 'bad-tag'
  | 'bad-cid'
  | 'float'
  | 'bad-simple'
  | 'too-deep'
  | 'too-many-items'
  | 'int-range'
  // shape and values
  | 'bad-envelope'
  | 'unknown-field'
  | 'missing-field'
  | 'bad-type'
  | 'bad-value'
  | 'out-of-range'
  | 'non-finite'
  | 'wrong-length'
  | 'bad-model-id'
  | 'bad-json'
  // identity and signature
  | 'bad-author-key'
  | 'bad-signature'
  | 'bad-seed'
  | 'bad-did'
  | 'no-identity'
  | 'identity-exists'
  | 'bad-phrase'
  | 'bad-key-format'
  | 'wrong-passphrase'
  | 'damaged-key'
  // sealed blocks
  | 'not-recipient'
  | 'bad-commitment'
  | 'bad-ciphertext'
  // time evidence
  | 'beacon-chain'
  | 'beacon-encoding'
  | 'beacon-infinity'
  | 'beacon-subgroup'
  | 'beacon-signature'
  | 'witness-author'
  | 'witness-unnamed'
  | 'missing-witness'
  | 'too-few-witnesses'
  | 'bad-inclusion'
  | 'beacon-gap'
  | 'witness-gap'
  | 'proof-gap'
  | 'unknown-proof'
  | 'bad-proof'
  | 'incomplete-proof'
  // sights
  | 'unknown-body'
  | 'duplicate-sight'
  | 'below-horizon'
  | 'daylight'
  | 'poor-geometry'
  | 'sight-mismatch'
  | 'reveals-place'
  | 'untrusted-device'
  // verification and policy
  | 'sky-mismatch'
  | 'unknown-profile'
  | 'time-future'
  | 'unknown-kind'
  | 'policy'
  | 'missing-evidence'
  // identities
  | 'no-recovery'
  | 'revoked'
  | 'contested'
  // versions, deletion and retention
  | 'superseded'
  | 'retracted'
  | 'expired'
  | 'pruned'
  | 'below-floor'
  | 'not-author'
  // store and search
  | 'storage'
  | 'bad-cursor'
  | 'stale-cursor'
  | 'closed'
  | 'limit'
  | 'no-embedder'
  | 'no-model'
  | 'too-few-anchors'
  | 'incomplete-set'
  | 'worker'
  // network
  | 'no-transport'
  | 'bad-address'
  | 'address-in-use'
  | 'unreachable'
  | 'handshake'
  | 'protocol'
  | 'version'
  | 'peer-gone'
  | 'timeout'
  | 'signaling'
  // environment
  | 'missing-peer'
  | 'embedder'
  | 'aborted'

/** What is known about a failure. `field` is a path such as `embedding.dims`; `offset` counts bytes of the input. */
export interface Failure {
  readonly code: ErrorCode
  readonly message?: string
  readonly field?: string
  readonly offset?: number
  /** The bound that was broken, in the field's own unit. */
  readonly limit?: number | string
  /** What would mend it. */
  readonly hint?: string
  /** `missing-peer` only: the optional package and the command that installs it. */
  readonly package?: string
  readonly install?: string
  /** WebRTC only: the step at which an attempt to connect failed, with the facts. */
  readonly report?: ConnectReport
}

/**
 * The one class that commands on one's own data reject with. Judging foreign bytes never throws it:
 * that returns a `Result` or a `Verdict`.
 *
 * @example
 * ```ts
 * try { await createBlock(fields, signer) }
 * catch (error) { if (error instanceof CosmicError) console.log(error.code, error.field, error.limit) }
 * ```
 */
export class CosmicError extends Error implements Failure {
  override readonly name = 'CosmicError'
  readonly code: ErrorCode
  declare readonly field?: string
  declare readonly offset?: number
  declare readonly limit?: number | string
  declare readonly hint?: string
  declare readonly package?: string
  declare readonly install?: string
  declare readonly report?: ConnectReport

  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(failure?.message ?? describe(failure), options)
    this.code = failure.code
    if (failure.field !== undefined) this.field = failure.field
    if (failure.offset !== undefined) this.offset = failure.offset
    if (failure.limit !== undefined) this.limit = failure.limit
    if (failure.hint !== undefined) this.hint = failure.hint
    if (failure.package !== undefined) this.package = failure.package
    if (failure.install !== undefined) this.install = failure.install
    if (failure.report !== undefined) this.report = failure.report
  }
}

/** A failure with other facts. A message of its own is kept; one that only told the facts is told anew. */
export function amended(failure: Failure, facts: Partial<Failure>): Failure {
  const { message } = failure
  const isOwn = message !== undefined && message !== describe(failure)
  const { message: _, ...known } = { ...failure }
  return { ...known, ...(isOwn && { message }), ...facts }
}

/** One line that carries every fact of a failure. */
export function describe(failure: Failure): string {
  if (typeof failure !== 'object' || failure === null) throw new CosmicError({ code: 'bad-type', field: 'failure' })
  const parts: string[] = [failure.code]
  if (failure.field !== undefined) parts.push(`field ${failure.field}`)
  if (failure.offset !== undefined) parts.push(`at byte ${failure.offset}`)
  if (failure.limit !== undefined) parts.push(`limit ${failure.limit}`)
  if (failure.hint !== undefined) parts.push(failure.hint)
  return parts.join(', ')
}
