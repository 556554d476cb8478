import { sha256 } from '#platform'
import { concat, equal, utf8 } from '../base/index'
import type { AuthorWatch, DueBlocks } from '../ingest/index'
import type { KeyValueStorage, StoredBlock } from '../store/index'
import { standing, type Identities } from '../validate/index'
import type { About } from './identity-book'

/** The most keys that are looked at in one go. */
export const LOOKED_AT = 128
/** The most keys that are looked at before all others; what finds no room is found in its turn. */
const MAX_FIRST = 1_024

/** `identity/`, did:key → what was known of the key when its stored blocks were last judged, hashed; nothing for a key that stands for itself. */
const PREFIX = utf8('identity/')
const PLAIN = new Uint8Array(0)

export interface IdentityChangesParts {
  readonly identities: Identities
  /** Where it is written down what blocks were judged by: what an earlier run left undone is found again. */
  readonly side: Pick<KeyValueStorage, 'getMany' | 'batch'>
  /** Whether admission hangs on more of an identity than that it has not ended and is not contested. */
  readonly usesIdentities: boolean
}

/**
 * Finds the keys whose stored blocks were judged by another answer than the one that holds now.
 *
 * Invariants: (1) a key is written down as settled with the answer that held before its blocks were read, so that a change
 * meanwhile is found again; (2) after every change all keys with profiles are looked at, those that it names first; one that
 * comes while they are, has them looked at once more.
 */
export class IdentityChanges implements AuthorWatch {
  readonly #parts: IdentityChangesParts
  readonly #first = new Set<string>()
  #walk: Iterator<string> | undefined
  /** From the start on: an earlier run may have left something undone. */
  #again = true

  constructor(parts: IdentityChangesParts) {
    this.#parts = parts
  }

  /** Some answers changed with this profile or rotation. */
  note(about: About): void {
    this.#again = true
    for (const key of concerned(about, this.#parts.identities)) if (this.#first.size < MAX_FIRST) this.#first.add(key)
  }

  get hasWork(): boolean {
    return this.#again || this.#walk !== undefined || this.#first.size > 0
  }

  isStale({ block, admitted, code }: StoredBlock): boolean {
    const identity = this.#parts.identities.resolve(block.author)
    if (standing(identity, block)) return admitted
    if (code === 'contested' || code === 'no-recovery') return true
    return this.#parts.usesIdentities && (identity.status !== 'plain' || identity.claims.length > 0)
  }

  reset(): void {
    this.#again = true
  }

  async next(): Promise<DueBlocks | undefined> {
    const { identities, side } = this.#parts
    const keys = this.#nextKeys()
    const answers = keys.map(key => answerOf(key, identities))
    const known = await side.getMany(keys.map(nameOf))
    const due = keys.flatMap((key, i) => (equal(known[i] ?? PLAIN, answers[i]!) ? [] : [{ key, answer: answers[i]! }]))
    if (due.length === 0) return undefined
    const rotations = new Set(due.flatMap(({ key }) => identities.rotatedBy(key)))
    return {
      blocks: [
        ...due.map(({ key }) => ({ author: key })),
        ...Array.from(rotations, author => ({ author, kind: 'rotation' })),
      ],
      settle: () =>
        side.batch(
          due.map(({ key, answer }) =>
            answer === PLAIN ? { type: 'delete', key: nameOf(key) } : { type: 'put', key: nameOf(key), value: answer },
          ),
        ),
    }
  }

  #nextKeys(): string[] {
    const keys = [...this.#first].slice(0, LOOKED_AT)
    for (const key of keys) this.#first.delete(key)
    while (keys.length < LOOKED_AT && (this.#walk || this.#again)) {
      if (!this.#walk) {
        this.#again = false
        this.#walk = this.#parts.identities.keys()
      }
      const { done, value } = this.#walk.next()
      if (done) this.#walk = undefined
      else keys.push(value as string)
    }
    return keys
  }
}

/** The keys that a profile or a rotation names, and those of their identities. */
function concerned({ author, ...about }: About, identities: Identities): ReadonlySet<string> {
  const named =
    about.kind === 'profile'
      ? [author, about.profile.identity, ...(about.profile.devices ?? [])]
      : [about.rotation.from, about.rotation.to]
  const members = named.flatMap(key => {
    if (key === undefined) return []
    const { keys, devices } = identities.resolve(key)
    return [key, ...keys, ...devices]
  })
  return new Set(members)
}

/** All of an answer on which a judgement hangs, as a hash. */
function answerOf(key: string, identities: Identities): Uint8Array {
  const { status, identity, keys, devices, since = null, claims } = identities.resolve(key)
  if (status === 'plain' && claims.length === 0) return PLAIN
  return sha256(utf8(JSON.stringify([status, identity, keys, devices, since, claims])))
}

function nameOf(key: string): Uint8Array {
  return concat(PREFIX, utf8(key))
}
