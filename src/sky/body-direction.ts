import { KM_PER_AU } from 'astronomy-engine'
import { EARTH_RADIUS, unit, type Vector } from './globe'
import { SKY_BODIES } from './profile'
import type { SkyVectors } from './sky-vectors'
import { STAR_CATALOGUE } from './star-catalogue'

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
 * The apparent direction of a body, by the ephemeris and the catalogue of `SKY_PROFILE`, UT1 := UTC; `undefined` for a body
 * that is not known here.
 */
export function bodyDirection(body: string, vectors: SkyVectors): BodyDirection | undefined {
  const near = (SKY_BODIES as readonly string[]).indexOf(body)
  const star = near < 0 ? STAR_CATALOGUE.findIndex(([name]) => name === body) : -1
  if (near < 0 && star < 0) return undefined
  const [x, y, z] = near < 0 ? vectorAt(vectors.stars(), star) : vectorAt(vectors.bodies, near)
  return {
    vector: unit(turned([x, y, z], vectors.sidereal)),
    parallax: near < 0 ? 0 : EARTH_RADIUS_AU / Math.sqrt(x * x + y * y + z * z),
    radius: RADII[body as BodyName] ?? 0,
  }
}

function vectorAt(all: ArrayLike<number>, index: number): Vector {
  return [all[3 * index]!, all[3 * index + 1]!, all[3 * index + 2]!]
}

/** From the equator of date to the turned Earth. */
function turned([x, y, z]: Vector, angle: number): Vector {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  return [x * cos + y * sin, y * cos - x * sin, z]
}
