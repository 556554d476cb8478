import { ok, type Result } from '../../base/index'
import type { Block } from '../../block/index'
import type { BeaconRound, BeaconVerifier } from './beacon-verifier'

/** Grade `not-before`: the block was not made before a round came out. */
export interface NotBefore extends BeaconRound {
  /** Milliseconds from the round's instant to the claimed time: below 0 when the block claims to be older than its beacon. */
  readonly gap: number
}

/**
 * What a block's beacon shows; `undefined` when it carries none. For blocks whose signature was verified: only then is the
 * beacon the author's, and the work of checking it bounded by what the author had to do.
 */
export async function gradeBeacon(block: Block, verifier: BeaconVerifier): Promise<Result<NotBefore> | undefined> {
  if (block.opaque || block.beacon === undefined) return undefined
  const answer = await verifier.verify(block.beacon)
  return answer.ok ? ok({ ...answer.value, gap: block.time - answer.value.time }) : answer
}
