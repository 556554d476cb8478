import type { ProfileBlock, RotationBlock } from '../block/index'
import type { ChainFacts } from './identity-chain'
import {
  addProfile,
  addRotation,
  commitmentOf,
  MAX_SUCCESSION,
  noFacts,
  rotationFacts,
  type KeyFacts,
  type RotationFacts,
} from './identity-facts'

/** How many are looked at to make room for one. */
const LOOKS = 16

/** What became of a block: `changed` when some answer may be another now, `full` when there was no room. */
export type Noted = 'changed' | 'unchanged' | 'full'

/** What must stay when room is made. */
export interface Keeping {
  keepsProfiles(key: string): boolean
  keepsRotation(rotation: RotationFacts): boolean
}

/** The profiles and rotations that are known, each author's in a bounded room. */
export class IdentityMemory implements ChainFacts {
  readonly #keys = new Map<string, KeyFacts>()
  readonly #rotations = new Map<string, RotationFacts>()
  readonly #signedFor = new Map<string, number>()
  /** By the key that they are about: who signed a rotation of it. */
  readonly #signers = new Map<string, Set<string>>()
  #isWhole = true
  readonly #limit: number
  readonly #keeping: Keeping

  constructor(limit: number, keeping: Keeping) {
    this.#limit = limit
    this.#keeping = keeping
  }

  profiles(key: string): KeyFacts | undefined {
    return this.#keys.get(key)
  }

  /** The keys with profiles. What is added or moved while they are walked may be met twice. */
  keys(): IterableIterator<string> {
    return this.#keys.keys()
  }

  /** Whether profiles were dropped, or found no room. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  rotation(from: string, commitment: string): RotationFacts | undefined {
    return this.#rotations.get(`${from} ${commitment}`)
  }

  /** The recovery keys, and those of strangers, that signed a rotation of a key. */
  signersOf(from: string): readonly string[] {
    return [...(this.#signers.get(from) ?? [])]
  }

  addProfile(block: ProfileBlock): Noted {
    const known = this.#keys.get(block.author)
    if (known) return addProfile(known, block) ? 'changed' : 'unchanged'
    this.#isWhole &&= this.#keys.size < this.#limit
    if (!makeRoom(this.#keys, this.#limit, key => this.#keeping.keepsProfiles(key))) return 'full'
    const facts = noFacts()
    addProfile(facts, block)
    this.#keys.set(block.author, facts)
    return 'changed'
  }

  addRotation(block: RotationBlock): Noted {
    const { author, rotation } = block
    const name = `${rotation.from} ${commitmentOf(author)}`
    const known = this.#rotations.get(name)
    if (known) return addRotation(known, block) ? 'changed' : 'unchanged'
    const signed = this.#signedFor.get(author) ?? 0
    if (signed >= MAX_SUCCESSION) return 'full'
    const keeps = (_: string, other: RotationFacts) => this.#keeping.keepsRotation(other)
    if (!makeRoom(this.#rotations, this.#limit, keeps, dropped => this.#uncount(dropped))) return 'full'
    this.#rotations.set(name, rotationFacts(block))
    this.#signedFor.set(author, signed + 1)
    const signers = this.#signers.get(rotation.from) ?? new Set()
    this.#signers.set(rotation.from, signers.add(author))
    return 'changed'
  }

  #uncount({ author, from }: RotationFacts): void {
    const signers = this.#signers.get(from)!
    signers.delete(author)
    if (signers.size === 0) this.#signers.delete(from)
    const signed = this.#signedFor.get(author)! - 1
    if (signed > 0) this.#signedFor.set(author, signed)
    else this.#signedFor.delete(author)
  }
}

/** Room for one more: what must stay moves behind, the first that need not goes. */
function makeRoom<T>(
  map: Map<string, T>,
  limit: number,
  keeps: (key: string, value: T) => boolean,
  onDropped?: (value: T) => void,
): boolean {
  for (let looks = 0; map.size >= limit && looks < LOOKS; looks++) {
    const [key, value] = map.entries().next().value!
    const stays = keeps(key, value)
    map.delete(key)
    if (stays) map.set(key, value)
    else onDropped?.(value)
  }
  return map.size < limit
}
