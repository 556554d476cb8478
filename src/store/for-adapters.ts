// The door for adapters that bring a whole `BlockStore` of their own. Apart from the index, so that whoever loads the library
// does not load what only they need.
export { EPOCH_BYTES } from './chain'
export * from './check-calls'
export { checkQuery } from './check-query'
export { driven } from './driven-repair'
export { GroupCommit } from './group-commit'
export { MAX_PAGE_LIMIT, PAGE_LIMIT, type Place, readCursor, writeCursor } from './page-cursor'
export { Suspects } from './quarantine'
export * from './settle-put'
export { COUNTED, expiryOf, termsAsked, termsOf } from './terms'
