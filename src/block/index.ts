export * from './embedder'
export * from './types'
