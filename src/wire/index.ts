export * from './signaling'
export * from './transport'
