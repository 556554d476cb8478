/** Runs that every runtime must replay exactly: delays, crashes, attacks, skies. */
export const DIGESTED: readonly (readonly [scenario: string, seed: number])[] = [
  ['two-laptops-on-a-train', 0],
  ['crash-at-any-write', 11],
  ['second-thoughts', 15],
  ['siege', 18],
  ['random', 20],
]
