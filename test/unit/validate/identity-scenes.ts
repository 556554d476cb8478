import {
  createBlock,
  recoveryCommitment,
  type Profile,
  type ProfileBlock,
  type Rotation,
  type RotationBlock,
  type VerifiedBlock,
} from '../../../src/block/index'
import { Identities } from '../../../src/validate/index'
import { Signer, type SigningIdentity } from '../../../src/signer/index'

/** A key by its number, always the same. */
export const key = (number: number): Promise<Signer> => Signer.fromSeed(new Uint8Array(32).fill(number))

export const [first, second, third, phone, laptop, recovery, later, thief, stranger] = (await Promise.all(
  Array.from({ length: 9 }, (_, i) => key(100 + i)),
)) as [Signer, Signer, Signer, Signer, Signer, Signer, Signer, Signer, Signer]

/** What a key commits to whose recovery key this is. */
export const to = ({ publicKey }: SigningIdentity): Uint8Array => recoveryCommitment(publicKey)

export type Fact = VerifiedBlock & (ProfileBlock | RotationBlock)

/** Made by this library, hence verified. */
export const profile = async (signer: SigningIdentity, profile: Profile, time = 1_000): Promise<Fact> =>
  (await createBlock({ profile, time }, signer)) as Fact

export const rotation = async (signer: SigningIdentity, rotation: Rotation, time = 5_000): Promise<Fact> =>
  (await createBlock({ rotation, time }, signer)) as Fact

/** The first key's profile. */
export const own = () => profile(first, { recovery: to(recovery) })
/** A key's word that it belongs to the identity of another. */
export const joins = (of = first, signer = phone, time = 1_000) => profile(signer, { identity: of.did }, time)
export const known = (facts: readonly Fact[]) => {
  const identities = new Identities()
  for (const fact of facts) identities.note(fact)
  return identities
}
