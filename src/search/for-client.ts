// The door for the client's own scoring. Apart from the index, so that whoever loads the library does not load it before the
// first search.
export { exactQuery, type ExactQuery, exactScore } from './exact-score'
export { Omitted } from './omitted'
export { directionOf } from './unit-vector'
export { wrongLength } from './wrong-length'
