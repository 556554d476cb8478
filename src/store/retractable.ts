/** Kinds that no retraction erases: a stolen key must not unmake an identity, and what was withdrawn stays so. */
const LASTING: readonly string[] = ['retraction', 'profile', 'rotation']

export function isRetractable({ kind }: { readonly kind: string }): boolean {
  return !LASTING.includes(kind)
}

/** The term of the retractions of a block by an author. */
export const retracts = (id: string, author: string) => `R${id} ${author}`
