import type { PlaceGrid } from './place-grid'

/**
 * Degrees (WGS-84, north and east positive) and metres (above the ellipsoid; accuracy is a radius). With `grid` the place
 * is coarse: only the point of that grid is signed and shown to anyone, and the sky is the sky of that point.
 */
export interface Place {
  readonly latitude: number
  readonly longitude: number
  readonly elevation?: number
  readonly accuracy?: number
  /** Step of a published grid in degrees; 0.01, 0.1, 1 and 10 make cells of about 1, 11, 111 and 1,113 km. */
  readonly grid?: PlaceGrid
}

/** Where a body stands for the claimed place: integer arcseconds, airless; azimuth from north through east, [0, 1296000). */
export interface HorizontalBody {
  readonly name: string
  readonly altitude: number
  readonly azimuth: number
}

/** Where a body stands without a place: geocentric, true equator and equinox of date, integer arcseconds; right ascension in [0, 1296000). */
export interface EquatorialBody {
  readonly name: string
  readonly declination: number
  readonly rightAscension: number
}

/** The cosmic signature. With a place the bodies are horizontal (topocentric), without one equatorial (geocentric). */
export type Sky =
  | { readonly profile: string; readonly frame: 'horizontal'; readonly bodies: readonly HorizontalBody[] }
  | { readonly profile: string; readonly frame: 'equatorial'; readonly bodies: readonly EquatorialBody[] }
