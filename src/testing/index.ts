export * from './key-value-storage'
export * from './suite-tools'
export * from './transport'
