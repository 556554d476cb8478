import { Cid, fail, ok, unwrap, type Failure, type Result } from '../../base/index'
import type { Block, TimeProofBlock } from '../../block/index'
import type { Finding } from './grade-witnesses'

/** What a proof of an outside standard shows. */
export interface Attested {
  /** Milliseconds since the Unix epoch, the standard's own uncertainty included: what was proved existed by then. */
  readonly time: number
  /** Who or what vouches for it, such as `bitcoin block 358391`. */
  readonly by: string
}

/** A standard of proofs that something existed by some time. `openTimestamps` makes one. */
export interface TimeProof {
  /** As in the block that carries a proof. */
  readonly format: string
  /**
   * Judges a proof that a payload with this SHA-256 existed. Fails with `bad-proof`, or `incomplete-proof` when it may
   * succeed later. Never rejects because of the proof's bytes.
   */
  verify(digest: Uint8Array, proof: Uint8Array): Promise<Result<Attested>>
}

/** Grade `not-after` by a proof: the earliest that holds. */
export interface ProvenNotAfter extends Attested {
  readonly format: string
  /** Id of the `timeproof` block. */
  readonly id: string
  /** As in `NotAfter`. */
  readonly gap: number
}

/** Proofs of one block that are looked at, in the order given: more would be work without a bound. */
const MOST_PROOFS = 16

/**
 * Judges the `timeproof` blocks about a block by the formats that a policy believes. Fails with `incomplete-proof` when none
 * holds. Ignored, with their codes: `unknown-proof` (a format that was not given), `bad-proof`, `incomplete-proof`, and
 * `limit` for proofs beyond the first sixteen.
 */
export async function gradeTimeProofs(
  block: Block,
  evidence: readonly Block[],
  formats: readonly TimeProof[],
): Promise<Finding<ProvenNotAfter>> {
  const { digest } = unwrap(Cid.parse(block.id))
  const ignored: { id: string; error: Failure }[] = []
  const proven: ProvenNotAfter[] = []
  for (const [place, { id, timeproof }] of evidence.filter(isProofOf(block)).entries()) {
    const format = formats.find(({ format }) => format === timeproof.format)
    const answer = place < MOST_PROOFS ? await judge(format, digest, timeproof.data) : fail(BEYOND)
    if (answer.ok) proven.push({ ...answer.value, format: timeproof.format, id, gap: answer.value.time - block.time })
    else ignored.push({ id, error: answer.error })
  }
  const [earliest] = proven.sort((a, b) => a.time - b.time)
  return { result: earliest ? ok(earliest) : fail(NONE), ignored }
}

const UNKNOWN: Failure = { code: 'unknown-proof', field: 'timeproof.format', message: 'no verifier for this format' }
const BEYOND: Failure = { code: 'limit', limit: MOST_PROOFS, message: 'too many proofs of one block' }
const NONE: Failure = { code: 'incomplete-proof', message: 'no proof shows that the block existed by some time' }

async function judge(format: TimeProof | undefined, digest: Uint8Array, proof: Uint8Array): Promise<Result<Attested>> {
  if (format === undefined) return fail(UNKNOWN)
  try {
    return await format.verify(digest, proof)
  } catch (error) {
    const reason = error instanceof Error ? error.message : typeof error
    return fail({ code: 'incomplete-proof', message: `the verifier of ${format.format} failed: ${reason}` })
  }
}

function isProofOf({ id }: Block): (piece: Block) => piece is TimeProofBlock {
  return (piece): piece is TimeProofBlock =>
    piece.opaque === undefined && piece.kind === 'timeproof' && piece.timeproof.block === id
}
