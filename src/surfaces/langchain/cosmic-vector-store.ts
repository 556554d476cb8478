import { Document, type DocumentInterface } from '@langchain/core/documents'
import type { EmbeddingsInterface } from '@langchain/core/embeddings'
import { maximalMarginalRelevance } from '@langchain/core/utils/math'
import { VectorStore, type MaxMarginalRelevanceSearchOptions } from '@langchain/core/vectorstores'
import { CosmicError } from '../../base/index'
import { blockVector, createBlock, type Embedder, type EmbeddingBlock } from '../../block/index'
import type { HitFilter, SearchHit } from '../../client/index'
import type { HttpNode } from '../http/index'
import { CosmicEmbeddings } from './cosmic-embeddings'
import { documentOf, extensionsOf, idTag } from './document-of'

export interface StoreOptions {
  readonly node: HttpNode
}

export interface AddOptions {
  /** Ids of the program’s own, one a document: a document under an id that is there replaces it. Without, blocks’ ids are the ids. */
  readonly ids?: readonly string[]
  /** For every document. */
  readonly tags?: readonly string[]
}

const BLOCK_ID = /^b[a-z2-7]{58}$/
/** A program's own id. A block’s id is what it says: a document that was found and is added again says it once more. */
function keyOf({ id }: DocumentInterface, given: string | undefined): string | undefined {
  const key = given ?? id
  return key === undefined || BLOCK_ID.test(key) ? undefined : key
}

/** A block that is to be stored, and what it replaces. */
interface Made {
  readonly block: EmbeddingBlock
  readonly before: readonly string[]
}

/** Versions of one id that are looked for. */
const MAX_VERSIONS = 1_000

/**
 * A memory as a LangChain vector store. Documents are signed by this agent; whoever’s are found, `metadata.cosmic` says whose and
 * what was verified. Filters are those of `SyncClient.search`.
 */
export class CosmicVectorStore extends VectorStore {
  declare FilterType: HitFilter
  readonly #node: HttpNode
  readonly #embedder: Embedder

  constructor({ node }: StoreOptions) {
    if (!node.embedder) throw new CosmicError({ code: 'no-embedder', field: 'node', hint: 'fromLangChain wraps one' })
    super(new CosmicEmbeddings(node.embedder), {})
    this.#node = node
    this.#embedder = node.embedder
  }

  override _vectorstoreType(): string {
    return 'cosmic-embeddings'
  }

  /** Embeds, signs and stores. Answers the ids that `delete` takes. */
  override async addDocuments(documents: DocumentInterface[], options: AddOptions = {}): Promise<string[]> {
    const vectors = await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent))
    return this.addVectors(vectors, documents, options)
  }

  /** Vectors are of the node’s own model. Rejects with `wrong-length`, and as `SyncClient.publish` does. */
  override async addVectors(
    vectors: number[][],
    documents: DocumentInterface[],
    { ids, tags = [] }: AddOptions = {},
  ): Promise<string[]> {
    const { length } = documents
    if (vectors.length !== length) throw new CosmicError({ code: 'wrong-length', field: 'vectors', limit: length })
    if (ids && ids.length !== length) throw new CosmicError({ code: 'wrong-length', field: 'ids', limit: length })
    const keys = documents.map((document, i) => keyOf(document, ids?.[i]))
    for (const [i, document] of documents.entries()) this.#check(vectors[i]!, document, keys[i])
    // Before the first is stored: all of them, or none.
    const made: Made[] = []
    const latest = new Map<string, readonly string[]>()
    for (const [i, document] of documents.entries()) {
      const key = keys[i]
      const before = key === undefined ? [] : (latest.get(key) ?? (await this.#own(key)))
      const block = await this.#make(vectors[i]!, document, key, tags, before)
      if (key !== undefined) latest.set(key, [block.id])
      made.push({ block, before })
    }
    for (const { block, before } of made) {
      await this.#node.client.publish(block)
      // What was replaced is withdrawn, so that it is found nowhere.
      for (const old of before) await this.#node.client.retract(old)
    }
    return made.map(({ block }, i) => keys[i] ?? block.id)
  }

  /** Throws `wrong-length`, `non-finite`, `bad-value` and `out-of-range` for what no block can be made of. */
  #check(vector: readonly number[], { pageContent, metadata }: DocumentInterface, key: string | undefined): void {
    const { dimensions } = this.#embedder
    if (vector.length !== dimensions)
      throw new CosmicError({ code: 'wrong-length', field: 'vectors', limit: dimensions })
    if (!Float32Array.from(vector).every(Number.isFinite))
      throw new CosmicError({ code: 'non-finite', field: 'vectors' })
    if (typeof pageContent !== 'string' || pageContent === '')
      throw new CosmicError({ code: 'bad-value', field: 'pageContent', hint: 'a text that is not empty' })
    extensionsOf(metadata)
    if (key !== undefined) idTag(key)
  }

  async #make(
    vector: number[],
    document: DocumentInterface,
    key: string | undefined,
    tags: readonly string[],
    before: readonly string[],
  ): Promise<EmbeddingBlock> {
    const { modelId } = this.#embedder
    const all = [...new Set([...tags, ...(key === undefined ? [] : [idTag(key)])])]
    const extensions = extensionsOf(document.metadata)
    const input = { type: 'text', content: document.pageContent } as const
    return createBlock(
      {
        ...{ embedding: vector, model: modelId, input },
        ...(all.length > 0 && { tags: all }),
        ...(before.length > 0 && { supersedes: [...before] }),
        ...(extensions && { extensions }),
      },
      this.#node.signer,
    )
  }

  /** This agent’s blocks under a program’s own id. */
  async #own(key: string): Promise<string[]> {
    const asked = { tags: [idTag(key)], author: this.#node.signer.did, limit: MAX_VERSIONS }
    return [...(await this.#node.store.pageIds(asked)).items]
  }

  /**
   * Withdraws documents of this agent’s own: honest peers erase them. Ids that are not here are passed over, as other vector stores
   * do. Rejects with `not-author` for somebody else’s.
   */
  override async delete({ ids }: { ids?: readonly string[] } = {}): Promise<void> {
    if (!Array.isArray(ids)) throw new CosmicError({ code: 'missing-field', field: 'ids' })
    for (const id of ids as readonly string[]) {
      const blocks = BLOCK_ID.test(id) ? [id] : await this.#own(id)
      for (const block of blocks) if (await this.#node.client.get(block)) await this.#node.client.retract(block)
    }
  }

  override async similaritySearchVectorWithScore(
    query: number[],
    k: number,
    filter?: HitFilter,
  ): Promise<[Document, number][]> {
    const hits = await this.#find(query, k, filter)
    return hits.map(hit => [documentOf(hit, this.#node.signer.did), hit.score])
  }

  override async maxMarginalRelevanceSearch(
    query: string,
    { k, fetchK = 20, lambda = 0.5, filter }: MaxMarginalRelevanceSearchOptions<HitFilter>,
  ): Promise<Document[]> {
    const vector = await this.embeddings.embedQuery(query)
    const hits = await this.#find(vector, Math.max(k, fetchK), filter, false)
    const vectors = hits.map(({ block }) => Array.from(blockVector(block)))
    const chosen = vectors.length === 0 ? [] : maximalMarginalRelevance(vector, vectors, lambda, k)
    return chosen.map(i => documentOf(hits[i]!, this.#node.signer.did))
  }

  async #find(vector: number[], k: number, where?: HitFilter, translate = true): Promise<SearchHit[]> {
    const options = { k, translate, model: this.#embedder.modelId, ...(where && { where }) }
    return (await this.#node.client.search(Float32Array.from(vector), options)).hits
  }

  /** The embeddings are the node’s own. */
  static override async fromTexts(
    texts: string[],
    metadatas: object[] | object,
    embeddings: EmbeddingsInterface,
    options: StoreOptions,
  ): Promise<CosmicVectorStore> {
    const documents = texts.map(
      (pageContent, i) => new Document({ pageContent, metadata: Array.isArray(metadatas) ? metadatas[i] : metadatas }),
    )
    return CosmicVectorStore.fromDocuments(documents, embeddings, options)
  }

  static override async fromDocuments(
    documents: DocumentInterface[],
    _embeddings: EmbeddingsInterface,
    options: StoreOptions,
  ): Promise<CosmicVectorStore> {
    const store = new CosmicVectorStore(options)
    await store.addDocuments(documents)
    return store
  }
}
