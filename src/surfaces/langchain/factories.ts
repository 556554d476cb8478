import { fields, having, loadPeer } from '../../base/index'
import type { Embedder } from '../../block/index'
import type { HttpNode } from '../http/index'
import { readNode } from '../http/node'
import type * as embeddings from './cosmic-embeddings'
import type * as retriever from './cosmic-retriever'
import type * as store from './cosmic-vector-store'

const readEmbedder = having<Embedder>('an Embedder: await miniLm()', 'embed')

/** What the factories answer: the classes themselves are loaded with LangChain. */
export type CosmicEmbeddings = embeddings.CosmicEmbeddings
export type CosmicRetriever = retriever.CosmicRetriever
export type CosmicVectorStore = store.CosmicVectorStore

/**
 * A memory as a LangChain `VectorStore` (optional package `@langchain/core`): documents become signed blocks that peers receive,
 * and are found with their author and verdict under `metadata.cosmic`. Rejects with `missing-peer`, and `no-embedder` for a node
 * without a model; wrap LangChain's own with `fromLangChain` for it.
 *
 * @example
 * ```ts
 * const store = await langChainStore(await createNode())
 * await store.addDocuments([new Document({ pageContent: 'Water boils at 100 °C.', metadata: { source: 'handbook' } })])
 * const retriever = store.asRetriever(4)
 * ```
 */
export async function langChainStore(node: HttpNode): Promise<CosmicVectorStore> {
  readNode(node, 'node')
  const { CosmicVectorStore } = await load(() => import('./cosmic-vector-store'))
  return new CosmicVectorStore({ node })
}

/**
 * A memory as a LangChain retriever, with every option of `SyncClient.search`: words beside meaning, other models, evidence.
 * Rejects with `missing-peer`.
 *
 * @example
 * ```ts
 * const retriever = await langChainRetriever(node, { k: 5, where: { tags: ['physics'] } })
 * const documents = await retriever.invoke('At what temperature does water boil?')
 * ```
 */
export async function langChainRetriever(
  node: HttpNode,
  options: retriever.RetrieverOptions = {},
): Promise<CosmicRetriever> {
  readNode(node, 'node')
  fields(options, 'options')
  const { CosmicRetriever } = await load(() => import('./cosmic-retriever'))
  return new CosmicRetriever(node, options)
}

/**
 * An embedder of this library as LangChain `Embeddings`. Rejects with `missing-peer`.
 *
 * @example
 * ```ts
 * const embeddings = await langChainEmbeddings(await useLite())
 * const vector = await embeddings.embedQuery('boiling point')
 * ```
 */
export async function langChainEmbeddings(embedder: Embedder): Promise<CosmicEmbeddings> {
  readEmbedder(embedder, 'embedder')
  const { CosmicEmbeddings } = await load(() => import('./cosmic-embeddings'))
  return new CosmicEmbeddings(embedder)
}

function load<T>(part: () => Promise<T>): Promise<T> {
  return loadPeer('@langchain/core', part)
}
