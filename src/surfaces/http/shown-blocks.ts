import { BoundedMap } from '../../base/index'
import { toJSON, type Block } from '../../block/index'
import type { SearchHit } from '../../client/index'

/** Texts that are kept, and the longest one that is: at most 32 MB. */
const KEPT = 1_024
const LONGEST = 16_384

interface Shown {
  readonly of: unknown
  readonly text: string
}

/**
 * JSON of blocks and verdicts as text, kept while the same object is shown again: making it costs more than finding the block. What
 * is asked for a second time is the same object as long as the store and the client keep it themselves.
 */
export class ShownBlocks {
  readonly #blocks = new BoundedMap<Shown>(KEPT)
  readonly #verdicts = new BoundedMap<Shown>(KEPT)

  block(block: Block): string {
    return kept(this.#blocks, block.id, block, () => toJSON(block))
  }

  /** As the API shows it: the block stands beside its verdict, not in it. */
  hit({ block, verdict, ...rest }: SearchHit): string {
    const { block: _, ...judged } = verdict as typeof verdict & { block?: unknown }
    // Its checks stand for the whole verdict: they are made with it, and never change.
    const shown = kept(this.#verdicts, block.id, verdict.checks, () => judged)
    const facts = JSON.stringify(rest).slice(1)
    return `{"block":${this.block(block)},"verdict":${shown},${facts}`
  }
}

function kept(texts: BoundedMap<Shown>, id: string, of: unknown, make: () => unknown): string {
  const known = texts.get(id)
  if (known && known.of === of) return known.text
  const text = JSON.stringify(make())
  if (text.length <= LONGEST) texts.set(id, { of, text })
  return text
}
