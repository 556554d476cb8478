import type { Policy } from './policy'

/** The kinds that carry knowledge; the others are about blocks, models and identities. */
const KNOWLEDGE = ['embedding', 'sealed']

/**
 * Policies to start from: plain data, to be spread and changed.
 *
 * `open` admits whatever is valid. `strict` asks every embedding for a sky and for a beacon round of at most ten minutes
 * before its claimed time. `sensor-network` asks every embedding for a place with its sky and for a round of the last
 * two minutes, allows clocks half a minute, and leaves it to you to name region, authors, devices and witnesses.
 *
 * @example
 * ```ts
 * const validator = new CosmicValidator({ ...POLICIES.strict, authors: { allow: [anna, ben] } })
 * ```
 */
export const POLICIES = {
  open: {},
  strict: {
    maxSkew: 60_000,
    rules: [
      {
        name: 'strict',
        when: { kinds: KNOWLEDGE },
        require: { consistent: true, notBefore: { maxGap: 600_000 } },
      },
    ],
  },
  'sensor-network': {
    maxSkew: 30_000,
    rules: [
      {
        name: 'sensor-network',
        when: { kinds: KNOWLEDGE },
        require: { consistent: true, place: true, notBefore: { maxGap: 120_000 } },
      },
    ],
  },
} as const satisfies Record<string, Policy>
