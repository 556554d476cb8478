import type { CallbackManagerForRetrieverRun } from '@langchain/core/callbacks/manager'
import type { Document } from '@langchain/core/documents'
import { BaseRetriever, type BaseRetrieverInput } from '@langchain/core/retrievers'
import type { SearchOptions } from '../../client/index'
import type { HttpNode } from '../http/index'
import { documentOf } from './document-of'

export interface RetrieverOptions extends Omit<SearchOptions, 'signal' | 'model'>, BaseRetrieverInput {}

/** Finds memories as LangChain documents, by `SyncClient.search`. */
export class CosmicRetriever extends BaseRetriever {
  static override lc_name() {
    return 'CosmicRetriever'
  }

  override lc_namespace = ['cosmic-embeddings', 'langchain']
  readonly #node: HttpNode
  readonly #search: SearchOptions

  constructor(node: HttpNode, { callbacks, tags, metadata, verbose, ...search }: RetrieverOptions = {}) {
    super({
      ...(callbacks && { callbacks }),
      ...(tags && { tags }),
      ...(metadata && { metadata }),
      ...(verbose !== undefined && { verbose }),
    })
    this.#node = node
    this.#search = search
  }

  override async _getRelevantDocuments(query: string, _run?: CallbackManagerForRetrieverRun): Promise<Document[]> {
    const { client, signer } = this.#node
    const { hits } = await client.search(query, this.#search)
    return hits.map(hit => documentOf(hit, signer.did))
  }
}
