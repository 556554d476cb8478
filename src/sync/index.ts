export * from './negentropy/negentropy'
export * from './negentropy/reconcile-set'
export * from './negentropy/sorted-set'
export * from './session-types'
