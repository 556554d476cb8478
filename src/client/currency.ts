import type { Block } from '../block/index'
import { supersededAmong, type BlockStore } from '../store/index'

/** How many answers are remembered. */
const MAX_KNOWN = 16_384

/** Knows which stored blocks are superseded, each looked up once until something changes that may turn the answer. */
export class Currency {
  readonly #store: BlockStore
  #known = new Map<string, boolean>()
  readonly #stop: () => void

  constructor(store: BlockStore) {
    this.#store = store
    this.#stop = store.onChange(({ added, judged, erased }) => {
      const turns = judged.length + erased.length > 0 || added.some(({ block }) => !block.opaque && block.supersedes)
      if (turns) this.#known = new Map()
    })
  }

  /** For each block whether a later version replaced it. */
  async superseded(blocks: readonly Pick<Block, 'id' | 'author'>[], signal?: AbortSignal): Promise<boolean[]> {
    const known = this.#known
    const asked = blocks.filter(({ id }) => !known.has(id))
    const answers = await supersededAmong(this.#store, asked, signal)
    const fresh = new Map(asked.map(({ id }, i) => [id, answers[i]!]))
    const out = blocks.map(({ id }) => fresh.get(id) ?? known.get(id) ?? false)
    // What changed meanwhile has begun another map.
    if (known === this.#known && known.size + fresh.size <= MAX_KNOWN) for (const [id, is] of fresh) known.set(id, is)
    return out
  }

  close(): void {
    this.#stop()
  }
}
