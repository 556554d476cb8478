import type { Clock } from '../base/index'
import type { Block } from '../block/index'
import type { StoredBlock } from '../store/index'
import type { Verdict } from '../validate/index'
import type { IdentityBook } from './identity-book'
import { isExpired } from './is-expired'
import type { Validator } from './options'
import type { Ranked, SearchHit } from './query'

/** How many verdicts are remembered, each without its block; the one made longest ago goes first. */
const MAX_VERDICTS = 4_096

/** What a verdict says, without the block that it is of. */
type Explanation = Verdict extends infer V ? (V extends Verdict ? Omit<V, 'block'> : never) : never

/** Explains search hits: the verdict of a stored block, made anew when first shown (policies may have changed since it came). */
export class Verdicts {
  readonly #validator: Validator
  readonly #clock: Clock
  readonly #identities: IdentityBook
  readonly #known = new Map<string, Explanation>()
  /** What was judged while evidence came may lack it, and is not remembered. */
  #changes = 0

  constructor(validator: Validator, clock: Clock, identities: IdentityBook) {
    this.#validator = validator
    this.#clock = clock
    this.#identities = identities
  }

  /** Whether a stored block may be read: its author may have joined, ended or lost an identity since it came. */
  async admits({ block, admitted }: StoredBlock): Promise<boolean> {
    if (!admitted || isExpired(block, this.#clock) || this.#identities.hides(block)) return false
    const { status, claims } = this.#identities.resolve(block.author)
    if (status === 'plain' && claims.length === 0) return true
    const explanation = this.#known.get(block.id) ?? (await this.#judge(block.id, block))
    return explanation.status === 'valid' && explanation.admitted
  }

  /** The hit with its block and verdict; `undefined` when the block is gone, expired, or no longer admitted. */
  async explain({ id, ...rest }: Ranked, stored: StoredBlock | undefined): Promise<SearchHit | undefined> {
    const block = stored?.block
    if (!block || block.opaque || block.kind !== 'embedding' || isExpired(block, this.#clock)) return undefined
    if (this.#identities.hides(block)) return undefined
    const explanation = this.#known.get(id) ?? (await this.#judge(id, block))
    if (explanation.status !== 'valid' || !explanation.admitted) return undefined
    return { block, ...rest, verdict: { ...explanation, block } }
  }

  /** Lets go of what was said of these blocks, or of all: other evidence is here, or identities changed. */
  forget(ids?: readonly string[]): void {
    this.#changes++
    if (ids === undefined) this.#known.clear()
    else for (const id of ids) this.#known.delete(id)
  }

  async #judge(id: string, stored: Block): Promise<Explanation> {
    const changes = this.#changes
    const { identities } = this.#identities
    const explanation: Explanation = { ...(await this.#validator.validate(stored, { identities, stored: true })) }
    Reflect.deleteProperty(explanation, 'block')
    if (changes !== this.#changes) return explanation
    if (this.#known.size >= MAX_VERDICTS) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(id, explanation)
    return explanation
  }
}
