import type { Spot } from './entry'
import type { Circle } from './search-filter'

/** Mean radius of the Earth (IUGG), in metres. */
const EARTH = 6_371_008.8
const DEGREE = Math.PI / 180

/** Whether a place lies in a circle on the ground. */
export function withinCircle({ latitude, longitude, radius }: Circle): (place: Spot) => boolean {
  // The haversine of the angle, compared as such.
  const most = Math.sin(Math.min(Math.PI, radius / EARTH) / 2) ** 2
  const cosine = Math.cos(latitude * DEGREE)
  return place => {
    const across = Math.sin(((place.longitude - longitude) * DEGREE) / 2) ** 2
    const along = Math.sin(((place.latitude - latitude) * DEGREE) / 2) ** 2
    return along + cosine * Math.cos(place.latitude * DEGREE) * across <= most
  }
}
