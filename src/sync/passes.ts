import { LIMITS } from '../block/index'
import { collectionKey, CONTROL, WHOLE } from './collection'
import { coverOf, type Interest, type Interests, wantsAll } from './interest'
import type { Pass } from './interest-state'
import { SESSION_LIMITS } from './session-limits'

const ALL_TIMES = { floor: 0, ceiling: LIMITS.time }

/** What both sides keep of everything, whatever they want. */
const CONTROL_PASS: Pass = { collection: CONTROL, ...ALL_TIMES, fetches: true, theirs: [{}] }

/**
 * The collections that an audit compares: the control blocks first, then every collection that covers an interest of either
 * side; of those that are too many, everything at once.
 */
export function planPasses(own: Interests, theirs: Interests): { passes: readonly Pass[]; isCoarse: boolean } {
  const passes = new Map<string, Pass>()
  const add = (interests: Interests, fetches: boolean) => {
    for (const interest of interests) {
      const collection = coverOf(interest)
      const { since = 0, until = Infinity } = interest
      const key = collectionKey(collection)
      const before = passes.get(key)
      passes.set(key, {
        collection,
        floor: Math.min(since, before?.floor ?? since),
        ceiling: Math.min(LIMITS.time, Math.max(until - 1, before?.ceiling ?? 0)),
        fetches: fetches || before?.fetches === true,
        theirs: [...(before?.theirs ?? []), ...(fetches ? [] : [interest])],
      })
    }
  }
  add(own, true)
  add(theirs, false)
  const isCoarse = passes.size > SESSION_LIMITS.collections
  return { passes: [CONTROL_PASS, ...(isCoarse ? [coarsePass(own, theirs)] : passes.values())], isCoarse }
}

/** Whether the peer wants all of what a pass compares that an interest of its asks for, times apart. */
export function coversAllOf({ collection }: Pass, interest: Interest): boolean {
  return wantsAll(interest) && (collection.of !== 'everything' || coverOf(interest).of === 'everything')
}

/** Everything at once, out of which each side still gets what it wants. */
export function coarsePass(own: Interests, theirs: Interests, fetches = own.length > 0): Pass {
  return { collection: WHOLE, ...ALL_TIMES, fetches, theirs }
}
