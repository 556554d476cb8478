import type { SeededRandom } from './seeded-random'

/** What somebody on the way does to messages; the connection's own checks are none of a `Connection`'s promises. */
export type Tampering = 'corrupt' | 'truncate' | 'drop' | 'duplicate' | 'swap'

export const TAMPERINGS: readonly Tampering[] = ['corrupt', 'truncate', 'drop', 'duplicate', 'swap']

/** The messages that arrive in place of one; `held` is one kept back before. */
export function tamper(
  kind: Tampering,
  message: Uint8Array,
  random: SeededRandom,
): { readonly now: readonly Uint8Array[]; readonly held?: Uint8Array } {
  switch (kind) {
    case 'corrupt': {
      const changed = message.slice()
      if (changed.length > 0) changed[random.below(changed.length)]! ^= 1 << random.below(8)
      return { now: [changed] }
    }
    case 'truncate':
      return { now: [message.slice(0, random.below(Math.max(1, message.length)))] }
    case 'drop':
      return { now: [] }
    case 'duplicate':
      return { now: [message, message.slice()] }
    case 'swap':
      return { now: [], held: message }
  }
}
