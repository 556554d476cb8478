import type { Place } from '../../sky/index'
import { LIMITS } from '../limits'
import { scaled } from './codec'
import { optional, record, required } from './record'

/** Angles in units of 1e-7 degree (11 mm), lengths in centimetres. */
export const place = record<Place>({
  latitude: required('lat', scaled(1e7, -90, 90)),
  longitude: required('lon', scaled(1e7, -180, 180)),
  elevation: optional('elev', scaled(100, LIMITS.lowest, LIMITS.highest)),
  accuracy: optional('acc', scaled(100, 0, LIMITS.accuracy)),
})

/** The place as it reads back from the wire: what is signed, and therefore what the sky must fit. */
export function roundToWire(value: Place): Place {
  return place.read(place.write(value, 'place'), 'place')
}
