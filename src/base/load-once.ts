/**
 * Loads on the first call and answers later ones with the same: a dynamic import of a module that is there already still
 * costs several microseconds, and much more under a loader. After a failure the next call tries again.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      loaded = undefined
      throw error
    }))
}
