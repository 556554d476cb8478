import { KM_PER_AU, SiderealTime, type AstroTime } from 'astronomy-engine'
import { engineTime } from './engine-time'
import { EARTH_RADIUS, unit, type Vector } from './globe'
import { SKY_BODIES } from './profile'
import { bodyVector, earthState, rotationAt } from './sky-vectors'
import { STAR_CATALOGUE } from './star-catalogue'
import { starVectors } from './star-vectors'

/** Where a body stands as seen from the Earth's centre, and how near and large it is. */
export interface BodyDirection {
  /** Apparent geocentric unit vector, Earth-fixed. */
  readonly vector: Vector
  /** The Earth's equatorial radius over the body's distance: 0 for stars. */
  readonly parallax: number
  /** The radius of its disc in equatorial radii of the Earth; 0 for what has no limb to observe. */
  readonly radius: number
}

type BodyName = (typeof SKY_BODIES)[number]

const EARTH_RADIUS_AU = EARTH_RADIUS / 1000 / KM_PER_AU

/** Sun: 959.63″ at 1 au (A. Auwers), as almanacs use it; Moon: 1737.4 km (IAU). */
const RADII: Readonly<Partial<Record<BodyName, number>>> = {
  sun: 695_990_000 / EARTH_RADIUS,
  moon: 1_737_400 / EARTH_RADIUS,
}

/**
 * The apparent direction of a body at a time, by the ephemeris of `SKY_PROFILE`, UT1 := UTC; `undefined` for a body that
 * is not known here.
 *
 * @param time milliseconds since the Unix epoch, within `SKY_TIME_LIMITS`
 */
export function bodyDirection(body: string, time: number): BodyDirection | undefined {
  const star = STAR_CATALOGUE.findIndex(([name]) => name === body)
  if (star < 0 && !isBody(body)) return undefined
  const now = engineTime(time)
  const [x, y, z] = star < 0 ? near(body as BodyName, now) : starAt(star, now)
  const distance = Math.sqrt(x * x + y * y + z * z)
  return {
    vector: unit(turned([x, y, z], (SiderealTime(now) * Math.PI) / 12)),
    parallax: star < 0 ? EARTH_RADIUS_AU / distance : 0,
    radius: RADII[body as BodyName] ?? 0,
  }
}

/** AU, true equator and equinox of date. */
function near(body: BodyName, now: AstroTime): Vector {
  const out = new Float64Array(3)
  bodyVector(body, now, rotationAt(now), out, 0)
  return [out[0]!, out[1]!, out[2]!]
}

function starAt(index: number, now: AstroTime): Vector {
  const vectors = starVectors({ tt: now.tt, rotation: rotationAt(now), earth: earthState(now) })
  return [vectors[3 * index]!, vectors[3 * index + 1]!, vectors[3 * index + 2]!]
}

/** From the equator of date to the turned Earth. */
function turned([x, y, z]: Vector, angle: number): Vector {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  return [x * cos + y * sin, y * cos - x * sin, z]
}

function isBody(name: string): name is BodyName {
  return (SKY_BODIES as readonly string[]).includes(name)
}
