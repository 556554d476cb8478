import { count, type Failure, fields, record, refuse } from '../base/index'
import type { Block, ProfileBlock, RotationBlock, VerifiedBlock } from '../block/index'
import { checkBlock } from './check-block'
import type { Identity, IdentityView } from './identity'
import { chainOf, devicesOf, type Chain } from './identity-chain'
import { commitmentOf } from './identity-facts'
import { IdentityMemory, type Noted } from './identity-memory'
import { profileObjection, rotationObjection } from './identity-objection'

const readOptions = /* @__PURE__ */ record<IdentitiesOptions>({ limit: count })
const MAX_REMEMBERED = 65_536
/** The most answers that are remembered. */
const MAX_ANSWERS = 4_096

export interface IdentitiesOptions {
  /** Most keys with profiles, and most rotations, that are remembered (default 65,536 each). */
  readonly limit?: number
}

/**
 * Answers which identity a key belongs to, from verified profiles and rotations in any order: the same ones give the same
 * answers. Bounded: all profiles of an author take the room of one, a recovery key signs for at most 64 keys, and room is made
 * by what has no effect, the oldest first.
 *
 * @example
 * ```ts
 * const identities = new Identities()
 * for (const block of blocks) identities.note(block)
 * identities.resolve(author).status // 'active'
 * ```
 */
export class Identities implements IdentityView {
  readonly #memory: IdentityMemory
  readonly #answers = new Map<string, Identity>()

  constructor(options: IdentitiesOptions = {}) {
    const { limit = MAX_REMEMBERED } = readOptions(options, '')
    this.#memory = new IdentityMemory(limit, {
      keepsProfiles: key => this.resolve(key).status === 'contested' || this.resolve(key).since !== undefined,
      keepsRotation: ({ from, author }) => {
        const { keys, commitments } = this.#chainWith(from)
        return commitments[keys.indexOf(from)] === commitmentOf(author)
      },
    })
  }

  /** Whether this key may have profiles that were noted and are remembered no more. */
  forgets(key: string): boolean {
    return !this.#memory.isWhole && this.#memory.profiles(key) === undefined
  }

  /** The keys with profiles: every other key stands for itself alone. */
  keys(): IterableIterator<string> {
    return this.#memory.keys()
  }

  /** The keys that signed a rotation of this one: whether it has an effect hangs on what the key is. */
  rotatedBy(key: string): readonly string[] {
    return this.#memory.signersOf(key)
  }

  /** Learns from a profile or a rotation, whether it is admitted or not; other blocks say nothing. */
  note(block: VerifiedBlock): Noted {
    checkBlock(block)
    if (block.opaque || (block.kind !== 'profile' && block.kind !== 'rotation')) return 'unchanged'
    const noted = block.kind === 'profile' ? this.#memory.addProfile(block) : this.#memory.addRotation(block)
    if (noted === 'changed') this.#answers.clear()
    return noted
  }

  resolve(author: string): Identity {
    const known = this.#answers.get(author)
    if (known) return known
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear()
    const answer = Object.freeze(this.#resolve(author))
    this.#answers.set(author, answer)
    return answer
  }

  /** Whether two keys are one author: the same key, or keys of one identity that nothing contests. */
  sameIdentity(a: string, b: string): boolean {
    const [one, other] = [this.resolve(a), this.resolve(b)]
    const sound = one.status !== 'contested' && other.status !== 'contested'
    return a === b || (sound && one.identity === other.identity)
  }

  objection(block: ProfileBlock | RotationBlock): Failure | undefined {
    checkBlock(block)
    if (block.kind !== 'profile' && block.kind !== 'rotation')
      refuse('bad-value', 'block.kind', 'a profile or a rotation')
    if (block.kind === 'profile') return profileObjection(block, this.#memory)
    const { from } = block.rotation
    if (this.resolve(from).status === 'contested') return { code: 'contested', field: 'rotation.from' }
    return rotationObjection(block, this.#chainWith(from), this.#memory)
  }

  #chain(root: string): Chain {
    return chainOf(root, this.#memory)
  }

  /** The chain in which a key is an everyday key; its own when no other has it. */
  #chainWith(key: string): Chain {
    return this.#chain(this.#rootsOf(key)[0]!)
  }

  /** Where the identity begins that somebody means who names this key: a successor is as good a name as the first key. */
  #rootsOf(key: string): string[] {
    const roots = this.#claims(key).filter(root => this.#chain(root).keys.indexOf(key) > 0)
    return roots.length > 0 ? roots : [key]
  }

  #claims(key: string): string[] {
    return [...(this.#memory.profiles(key)?.claims ?? [])].sort()
  }

  /** The identities that a key names and that name it, or that are contested. */
  #homes(key: string): Chain[] {
    const roots = new Set(this.#claims(key).flatMap(claim => this.#rootsOf(claim)))
    roots.delete(key)
    return [...roots]
      .map(root => this.#chain(root))
      .filter(chain => chain.contested || chain.keys.includes(key) || devicesOf(chain, this.#memory).includes(key))
  }

  #resolve(key: string): Identity {
    const facts = this.#memory.profiles(key)
    const claims = this.#claims(key)
    const homes = this.#homes(key)
    const chain = homes[0] ?? this.#chain(key)
    const isTorn = homes.length > 1 || (homes.length === 1 && facts!.commitments.size > 0)
    if (isTorn || (facts && !facts.claims) || this.#isContested(chain)) {
      return {
        status: 'contested',
        identity: homes.length === 1 ? chain.keys[0]! : key,
        keys: [key],
        devices: [],
        claims,
      }
    }
    return { ...this.#standing(chain, key), claims }
  }

  /** Also when the key under which it begins commits to a recovery key of its own and belongs to another identity. */
  #isContested({ keys: [root], commitments: [first], contested }: Chain): boolean {
    return contested || (first !== undefined && this.#homes(root!).length > 0)
  }

  #standing(chain: Chain, key: string): Omit<Identity, 'claims'> {
    const { keys, ends, revoked, commitments } = chain
    const devices = devicesOf(chain, this.#memory)
    const [index, last] = [keys.indexOf(key), keys.length - 1]
    // A device ends with the identity.
    const since = ends[index < 0 ? last : index]
    const isAlone = last === 0 && commitments[0] === undefined && devices.length === 0
    const ended = revoked && (index < 0 || index === last) ? 'revoked' : 'rotated'
    return {
      status: since !== undefined ? ended : isAlone ? 'plain' : 'active',
      ...{ identity: keys[0]!, keys, devices },
      ...(ends.length === last && { current: keys[last]! }),
      ...(since !== undefined && { since }),
    }
  }
}

/**
 * The identity of a key, as these profiles and rotations tell; other blocks say nothing. The caller answers for their being
 * verified: `decodeBlock` does not check a signature.
 */
export function resolveIdentity(author: string, blocks: Iterable<Block>): Identity {
  if (!(Symbol.iterator in Object(blocks))) refuse('bad-type', 'blocks', 'blocks to iterate')
  const identities = new Identities()
  for (const block of blocks) identities.note(fields(block, 'blocks') as unknown as VerifiedBlock)
  return identities.resolve(author)
}
