// The door for adapters that compare vectors themselves. Apart from the index, so that whoever loads the library does not load
// what only they need.
export { exactQuery, exactScore } from './exact-score'
export { refine } from './refine'
export { NOTHING_FOUND } from './search-result'
export { directionOf } from './unit-vector'
export { wrongLength } from './wrong-length'
