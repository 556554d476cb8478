import type { SessionTiming } from '../sync/index'

/** Periods of the sessions in a simulated world: audits come every minute. */
export const SIMULATED_TIMING: SessionTiming = { greeting: 10_000, heartbeat: 5_000, stall: 30_000, audit: 60_000 }
