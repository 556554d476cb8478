import { clock, timers } from '#platform'
import { TokenBucket } from '../../base/index'

/** Checks a second in the long run, and at once after a pause: at about 17 ms each, two thirds of one core at the most. */
const RATE = 40
const BURST = 256

let budget: TokenBucket | undefined

/**
 * The one budget that all validators of a process share for the beacons of other people's blocks. Identities are free, so
 * bounds per peer alone would bound nothing. Who finds it spent waits: never is a beacon believed unchecked.
 */
export function processBudget(): TokenBucket {
  return (budget ??= new TokenBucket({ clock, timers, rate: RATE, burst: BURST }))
}
