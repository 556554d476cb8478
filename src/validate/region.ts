import { CosmicError } from '../base/index'

/** `[longitude, latitude]` in degrees, east and north positive; a height that follows is not looked at. */
export type Position = readonly number[]

/** Closed: its first position is also its last. */
export type Ring = readonly Position[]

/**
 * A region of the Earth: a GeoJSON geometry (RFC 7946, section 3.1). Its edges are straight in longitude and latitude, as
 * the RFC has it, not along great circles; the edge belongs to the region, that of a hole too.
 *
 * A region that crosses the antimeridian is cut there into a `MultiPolygon`, or goes on beyond 180° (170 … 190). One that
 * holds a pole runs along it: `[-180, 60], [180, 60], [180, 90], [-180, 90], [-180, 60]`. An edge of more than half the
 * globe that does neither would have two readings, and is refused.
 */
export type Region =
  | { readonly type: 'Polygon'; readonly coordinates: readonly Ring[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly Ring[])[] }

/** The most positions of one region, its rings together. */
export const MAX_POSITIONS = 10_000

/** A polygon: its outer ring, then its holes. */
export type Polygon = readonly Ring[]

/**
 * The polygons of a GeoJSON geometry, as frozen copies.
 *
 * @throws CosmicError `bad-type`, `out-of-range`, `bad-value` or `limit` with the field, such as `region.coordinates[0][3]`
 */
export function readRegion(value: unknown, field: string): Region {
  const { type, coordinates } = (value ?? {}) as Partial<Region>
  const path = `${field}.coordinates`
  const budget = { left: MAX_POSITIONS, path }
  if (type === 'Polygon') return Object.freeze({ type, coordinates: readPolygon(coordinates, path, budget) })
  if (type === 'MultiPolygon') {
    const polygons = list(coordinates, path).map((polygon, i) => readPolygon(polygon, `${path}[${i}]`, budget))
    return Object.freeze({ type, coordinates: Object.freeze(polygons) })
  }
  return refuse('bad-type', `${field}.type`, 'the geometry of a GeoJSON Polygon or MultiPolygon')
}

interface Budget {
  left: number
  readonly path: string
}

function readPolygon(value: unknown, path: string, budget: Budget): Polygon {
  return Object.freeze(list(value, path).map((ring, i) => readRing(ring, `${path}[${i}]`, budget)))
}

function readRing(value: unknown, path: string, budget: Budget): Ring {
  const positions = list(value, path)
  budget.left -= positions.length
  if (budget.left < 0) throw new CosmicError({ code: 'limit', field: budget.path, limit: MAX_POSITIONS })
  const ring = positions.map((position, i) => readPosition(position, `${path}[${i}]`))
  const [first, last] = [ring[0]!, ring.at(-1)!]
  if (ring.length < 4 || first[0] !== last[0] || first[1] !== last[1]) {
    refuse('bad-value', path, 'a ring has at least four positions and ends where it began')
  }
  const longitudes = ring.map(([longitude]) => longitude!)
  if (longitudes.reduce(most) - longitudes.reduce(least) > 360)
    refuse('bad-value', path, 'a ring goes round the Earth once at most')
  for (let i = 1; i < ring.length; i++) checkEdge(ring[i - 1]!, ring[i]!, `${path}[${i}]`)
  return Object.freeze(ring)
}

function readPosition(value: unknown, path: string): Position {
  const [longitude, latitude] = list(value, path)
  if (!(within(longitude, 540) && within(latitude, 90)))
    refuse('out-of-range', path, '[longitude, latitude] in degrees')
  return Object.freeze([longitude as number, latitude as number])
}

function checkEdge([lon1, lat1]: Position, [lon2, lat2]: Position, path: string): void {
  const width = Math.abs(lon2! - lon1!)
  const alongPole = Math.abs(lat1!) === 90 && lat1 === lat2
  if (width <= 180 || width === 360 || (alongPole && width < 360)) return
  refuse(
    'bad-value',
    path,
    'more than half the globe wide: cut the region at the antimeridian or add a position between',
  )
}

const least = (a: number, b: number) => Math.min(a, b)
const most = (a: number, b: number) => Math.max(a, b)
const within = (value: unknown, bound: number) => typeof value === 'number' && Math.abs(value) <= bound

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) && value.length > 0 ? value : refuse('bad-type', path, 'a list, not empty')
}

function refuse(code: 'bad-type' | 'bad-value' | 'out-of-range', field: string, hint: string): never {
  throw new CosmicError({ code, field, hint })
}
