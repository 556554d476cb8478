export { PLACE_GRIDS, type Place, type PlaceGrid } from '../base/index'

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
