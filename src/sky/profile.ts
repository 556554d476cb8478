/**
 * The one profile that this library writes and judges (docs/spec/sky.md): astronomy-engine 2.1.19, ΔT by Espenak and
 * Meeus, UT1 := UTC, airless, WGS-84, the seven bodies of `SKY_BODIES`, and all navigational stars that are up or none.
 */
export const SKY_PROFILE = 'ce-sky-1'

/** The bodies of `SKY_PROFILE`: a sky holds each exactly once. `observeSky` answers them in this order. */
export const SKY_BODIES = ['sun', 'moon', 'mercury', 'venus', 'mars', 'jupiter', 'saturn'] as const

/**
 * Largest great-circle distance, in arcseconds, at which a claimed direction counts as the computed one. Two honest
 * roundings of one direction to integer arcseconds are at most 0.707″ apart.
 */
export const TOLERANCE_ARCSEC = 1

/** The tolerance in arcseconds where another profile computed the sky: by another ephemeris, ΔT or convention for UT1. */
export const CROSS_TOLERANCE_ARCSEC = 45

/** Arcseconds in a full circle. */
export const CIRCLE_ARCSEC = 1_296_000

/** Arcseconds in a degree. */
export const DEGREE_ARCSEC = 3600
