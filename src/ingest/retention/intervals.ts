/** Milliseconds between two steps of a sweep, before one that something new caused, and at most between two. */
export const STEP_INTERVAL = 20
export const SWEEP_DELAY = 1_000
export const SWEEP_INTERVAL = 3_600_000
