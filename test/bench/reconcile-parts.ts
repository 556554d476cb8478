/** What `reconcile.bench.ts` measures, bundled for it: the machines as a user's bundler would put them together. */
export { CodedSet, createSession, ItemTree, SKETCH_EXTENSION, step } from '../../src/sync/index'
export { decodeMessageOf } from '../../src/sync/session-messages'
