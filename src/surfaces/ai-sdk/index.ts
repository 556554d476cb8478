export type { HttpNode as MemoryNode } from '../http/index'
export { INSTRUCTIONS as MEMORY_INSTRUCTIONS } from '../memory/index'
export { aiSdkEmbeddingModel, type AiSdkEmbeddingModel } from './embedding-model'
export { aiSdkTools, type AiSdkTools, type ToolsOptions } from './memory-tools'
