import { Embeddings } from '@langchain/core/embeddings'
import type { Embedder } from '../../block/index'
import { embedAll } from '../../models/index'

/** An embedder as LangChain `Embeddings`; many documents are asked for in as many calls as it needs. */
export class CosmicEmbeddings extends Embeddings {
  readonly #embedder: Embedder

  constructor(embedder: Embedder) {
    super({})
    this.#embedder = embedder
  }

  async embedDocuments(documents: string[]): Promise<number[][]> {
    const vectors = await embedAll(this.#embedder, documents, { kind: 'document' })
    return vectors.map(vector => Array.from(vector))
  }

  async embedQuery(document: string): Promise<number[]> {
    const [vector] = await this.#embedder.embed([document], { kind: 'query' })
    return Array.from(vector!)
  }
}
