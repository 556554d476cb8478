import { PLACE_GRIDS, snapPlace, type Place, type PlaceGrid } from '../../base/index'
import { LIMITS } from '../limits'
import { refuse, scaled, withCheck, type Codec } from './codec'
import { optional, record, required } from './record'

const grid = withCheck(scaled(1e7, -1e9, 1e9), (value, path) => {
  if (!Object.hasOwn(PLACE_GRIDS, value)) refuse('bad-value', path, { hint: Object.keys(PLACE_GRIDS).join(', ') })
}) as Codec<PlaceGrid>

/** Angles in units of 1e-7 degree (11 mm), lengths in centimetres. */
const anyPlace = record<Place>({
  latitude: required('lat', scaled(1e7, -90, 90)),
  longitude: required('lon', scaled(1e7, -180, 180)),
  elevation: optional('elev', scaled(100, LIMITS.lowest, LIMITS.highest)),
  accuracy: optional('acc', scaled(100, 0, LIMITS.accuracy)),
  grid: optional('grid', grid),
})

const POINT = ['latitude', 'longitude', 'elevation', 'accuracy'] as const

/** A coarse place is a point of the grid that it names, with nothing about it that a point cannot have. */
export const place = withCheck(anyPlace, (read, path) => {
  const point = snapPlace(read)
  const fault = POINT.find(name => point[name] !== read[name])
  if (fault) refuse('bad-value', `${path}.${fault}`, { hint: 'not that of a grid point' })
})

/** The place as it reads back from the wire, snapped to its grid: what is signed, and therefore what the sky must fit. */
export function roundToWire(value: Place): Place {
  return snapPlace(anyPlace.read(anyPlace.write(value, 'place'), 'place'))
}
