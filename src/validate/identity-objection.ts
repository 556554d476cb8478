import { toBase64url, type Failure } from '../base/index'
import type { ProfileBlock, RotationBlock } from '../block/index'
import type { Chain, ChainFacts } from './identity-chain'
import { commitmentOf } from './identity-facts'

/** What a profile has against the earlier ones of its author: it would make the identity contested, or unable to rotate. */
export function profileObjection({ author, profile }: ProfileBlock, facts: ChainFacts): Failure | undefined {
  const commitments = facts.profiles(author)?.commitments
  if (profile.identity !== undefined || !commitments?.size) return undefined
  const field = 'profile.recovery'
  if (!profile.recovery)
    return { code: 'no-recovery', field, hint: 'every profile repeats the commitment of the first' }
  if (commitments.has(toBase64url(profile.recovery))) return undefined
  return { code: 'contested', field, hint: 'another profile commits to another recovery key' }
}

/** Why a rotation of a key in `chain`, its identity's, has no effect. */
export function rotationObjection(
  { author, rotation }: RotationBlock,
  chain: Chain,
  facts: ChainFacts,
): Failure | undefined {
  const { from, to, next } = rotation
  const commitment = chain.commitments[chain.keys.indexOf(from)]
  if (!commitment) return none('rotation.from', 'no profile of this key is known here that commits to a recovery key')
  if (commitment !== commitmentOf(author)) return none('author', 'not the recovery key to which the identity commits')
  if (to && facts.profiles(chain.keys[0]!)?.silent)
    return none('rotation.to', 'a profile without commitment: revoke it')
  const known = facts.rotation(from, commitment)
  if (!known || (known.to === to && known.next === (next && toBase64url(next)))) return undefined
  return { code: 'contested', field: 'rotation', hint: 'another rotation of this key says something else' }
}

function none(field: string, hint: string): Failure {
  return { code: 'no-recovery', field, hint }
}
