import type { Block } from '../block/index'
import type { StoredBlock } from '../store/index'
import type { Verdict } from '../validate/index'
import type { Validator } from './options'
import type { Ranked, SearchHit } from './query'

/** How many verdicts are remembered; the one made longest ago goes first. */
const MAX_VERDICTS = 4_096

/** Explains search hits: the verdict of a stored block, made anew when first shown (policies may have changed since it came). */
export class Verdicts {
  readonly #validator: Validator
  readonly #known = new Map<string, Promise<Verdict>>()

  constructor(validator: Validator) {
    this.#validator = validator
  }

  /** The hit with its block and verdict; `undefined` when the block is gone or the policy no longer admits it. */
  async explain({ id, ...rest }: Ranked, stored: StoredBlock | undefined): Promise<SearchHit | undefined> {
    const block = stored?.block
    if (!block || block.opaque || block.kind !== 'embedding') return undefined
    const verdict = await this.#verdict(id, block)
    return verdict.status === 'valid' && verdict.admitted ? { block, ...rest, verdict } : undefined
  }

  #verdict(id: string, block: Block): Promise<Verdict> {
    const known = this.#known.get(id)
    if (known) return known
    const verdict = this.#validator.validate(block)
    if (this.#known.size >= MAX_VERDICTS) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(id, verdict)
    return verdict
  }
}
