export * from './block-store'
export * from './key-value-storage'
