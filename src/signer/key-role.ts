/**
 * Which key of a recovery phrase: `signing` is the everyday identity, `recovery` the one that is kept away from it and
 * may replace it.
 */
export type KeyRole = 'signing' | 'recovery'
