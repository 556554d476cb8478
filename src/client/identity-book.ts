import { CosmicError, unwrap, type Failure } from '../base/index'
import { decodeBlock, type Block } from '../block/index'
import type { BlockStore, StoredBlock } from '../store/index'
import { Identities, standing, type IdentitiesOptions, type Identity } from '../validate/index'

/** What the book tells its client. */
export interface IdentityBookOptions extends IdentitiesOptions {
  /** There was no room for a profile or a rotation (`limit`), or the store failed. */
  readonly onError?: (error: unknown) => void
}

/** Kinds that say who belongs together. */
export type About = Extract<Block, { kind: 'profile' | 'rotation' }>

/** The identities that the store's profiles and rotations tell of, admitted or not, followed through its change events. */
export class IdentityBook {
  readonly identities: Identities
  readonly #store: BlockStore
  readonly #options: IdentityBookOptions
  readonly #wanted = new Set<string>()
  readonly #listeners: ((about: About) => void)[] = []
  #recalling = false
  #stop: (() => void) | undefined

  constructor(store: BlockStore, options: IdentityBookOptions = {}) {
    this.#store = store
    this.#options = options
    const { limit } = options
    this.identities = new Identities(limit === undefined ? {} : { limit })
  }

  /** Rejects as the store's `query` does. */
  async open(): Promise<void> {
    this.#stop = this.#store.onChange(({ added }) => added.forEach(stored => this.#note(stored)))
    for (const kind of ['profile', 'rotation']) await this.#read({ kind })
  }

  /** Called when some answers may be others now, with what made them so. */
  onChange(listener: (about: About) => void): void {
    this.#listeners.push(listener)
  }

  close(): void {
    this.#stop?.()
    this.#wanted.clear()
  }

  resolve(author: string): Identity {
    return this.identities.resolve(author)
  }

  /** Whether two keys are one author. */
  sameIdentity(a: string, b: string): boolean {
    return this.identities.sameIdentity(a, b)
  }

  /** Whether a block's author ended before it, or is contested: it is neither read nor found. */
  hides(block: Pick<Block, 'author' | 'time'>): boolean {
    return standing(this.resolve(block.author), block) !== undefined
  }

  /** What speaks against publishing a block: a profile or a rotation that has no effect, or would harm its own author. */
  objection({ bytes }: Block): Failure | undefined {
    const block = unwrap(decodeBlock(bytes))
    return isAbout(block) ? this.identities.objection(block) : undefined
  }

  async #read(query: { kind: string; author?: string }): Promise<void> {
    for await (const stored of this.#store.query({ ...query, admittedOnly: false })) this.#note(stored)
  }

  #note({ block }: StoredBlock): void {
    if (!isAbout(block)) return
    const noted = this.identities.note(block)
    if (noted === 'full') this.#options.onError?.(new CosmicError({ code: 'limit', field: 'identities' }))
    if (noted === 'changed') for (const listener of this.#listeners) listener(block)
    if (block.kind === 'rotation' && this.identities.forgets(block.rotation.from)) this.#recall(block.rotation.from)
  }

  /** A flood of profiles may have pushed out those of a key that ends now: the store still has them. */
  #recall(author: string): void {
    this.#wanted.add(author)
    if (this.#recalling) return
    this.#recalling = true
    void this.#recallAll().catch((error: unknown) => this.#options.onError?.(error))
  }

  /** One after the other, those that were asked for meanwhile included. */
  async #recallAll(): Promise<void> {
    try {
      for (const author of this.#wanted) {
        this.#wanted.delete(author)
        await this.#read({ kind: 'profile', author })
      }
    } finally {
      this.#recalling = false
    }
  }
}

function isAbout(block: Block): block is About {
  return !block.opaque && (block.kind === 'profile' || block.kind === 'rotation')
}
