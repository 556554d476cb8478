import { claimsAny, MAX_SUCCESSION, type KeyFacts, type RotationFacts } from './identity-facts'

/** The everyday keys of one identity, each with the recovery key over it and the instant of its end. */
export interface Chain {
  readonly keys: string[]
  /** One a key; `undefined` where there is none. */
  readonly commitments: (string | undefined)[]
  /** One a key that ended. */
  readonly ends: number[]
  /** The last key ended and nothing can follow it. */
  revoked: boolean
  contested: boolean
}

/** Where chains are read from. */
export interface ChainFacts {
  profiles(key: string): KeyFacts | undefined
  rotation(from: string, commitment: string): RotationFacts | undefined
}

/**
 * Follows the rotations from the key under which an identity begins. A profile that is silent on recovery may be older than
 * the commitment, whatever it says of its time; so a recovery key that not every profile names can revoke, and one that hands
 * on then contests.
 */
export function chainOf(root: string, facts: ChainFacts): Chain {
  const { commitments = new Set<string>(), silent = false } = facts.profiles(root) ?? {}
  const [first] = commitments
  const chain = { keys: [root], commitments: [first], ends: [], revoked: false, contested: commitments.size > 1 }
  while (!chain.contested && follow(chain, facts, silent));
  return chain
}

/** One step further; whether there was one. */
function follow(chain: Chain, facts: ChainFacts, silent: boolean): boolean {
  const { keys, commitments, ends } = chain
  const commitment = commitments.at(-1)
  const rotation = commitment && facts.rotation(keys.at(-1)!, commitment)
  if (!rotation) return false
  const { to, next = commitment, time, conflicting } = rotation
  ends.push(time)
  chain.contested = conflicting || (silent && to !== undefined)
  if (chain.contested) return false
  chain.revoked = to === undefined || keys.includes(to) || keys.length === MAX_SUCCESSION
  if (to === undefined || chain.revoked || !claimsAny(facts.profiles(to), keys)) return false
  keys.push(to)
  commitments.push(next)
  return true
}

/** The devices that the current key names and that name the identity. What a key published after its end names nobody. */
export function devicesOf({ keys, ends }: Chain, facts: ChainFacts): string[] {
  const { time = 0, devices = [] } = facts.profiles(keys.at(-1)!)?.latest ?? {}
  const end = ends[keys.length - 1] ?? Infinity
  return time < end ? devices.filter(device => claimsAny(facts.profiles(device), keys)) : []
}
