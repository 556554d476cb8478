export type { HttpNode as MemoryNode } from '../http/index'
export type { RetrieverOptions } from './cosmic-retriever'
export type { AddOptions, StoreOptions } from './cosmic-vector-store'
export type { MemoryMetadata } from './document-of'
export { documentsAsData } from './documents-as-data'
export {
  langChainEmbeddings,
  langChainRetriever,
  langChainStore,
  type CosmicEmbeddings,
  type CosmicRetriever,
  type CosmicVectorStore,
} from './factories'
