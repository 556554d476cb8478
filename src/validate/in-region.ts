import type { Polygon, Position, Region, Ring } from './region'

/** Places are signed in steps of 1e-7 degree; what is this near to an edge, in degrees, is on it. */
const ON_EDGE = 1e-9

type Side = 'inside' | 'edge' | 'outside'

/**
 * Whether a place, in degrees, lies in a region or on its edge, the edge of a hole included. Straight edges in longitude
 * and latitude (RFC 7946, section 3.1.1); longitudes 360° apart are the same, and at a pole all are.
 */
export function inRegion({ type, coordinates }: Region, place: { latitude: number; longitude: number }): boolean {
  const polygons: readonly Polygon[] = type === 'Polygon' ? [coordinates] : coordinates
  const at: Position = [place.longitude, place.latitude]
  return polygons.some(
    ([outer, ...holes]) => sideOf(outer!, at) !== 'outside' && holes.every(hole => sideOf(hole, at) !== 'inside'),
  )
}

function sideOf(ring: Ring, at: Position): Side {
  return Math.abs(at[1]!) === 90 ? poleSide(ring, at[1]!) : meridianSide(ring, at)
}

/** A ring surrounds a pole when its edges run along it all the way round. */
function poleSide(ring: Ring, pole: number): Side {
  if (!ring.some(([, latitude]) => latitude === pole)) return 'outside'
  let turned = 0
  eachEdge(ring, ([lon1, lat1], [lon2, lat2]) => {
    if (lat1 === pole && lat2 === pole) turned += Math.abs(lon2! - lon1!)
  })
  return turned >= 360 ? 'inside' : 'edge'
}

/** Rings may go on beyond 180°, so the place is looked for on every turn. */
function meridianSide(ring: Ring, [longitude, latitude]: Position): Side {
  const { least, south, most, north } = bounds(ring)
  if (latitude! < south - ON_EDGE || latitude! > north + ON_EDGE) return 'outside'
  const turns = [-720, -360, 0, 360, 720]
    .map(turn => longitude! + turn)
    .filter(turn => turn >= least - ON_EDGE && turn <= most + ON_EDGE)
  const sides = turns.map(turn => planeSide(ring, turn, latitude!))
  if (sides.includes('inside')) return 'inside'
  const edges = turns.filter((_, i) => sides[i] === 'edge')
  // Both ends of a ring that goes round the Earth are one meridian, which lies within when it does on both sides.
  const [west, east] = [edges[0], edges[1]]
  if (west === undefined) return 'outside'
  if (east === undefined) return 'edge'
  const seam = [west + 2 * ON_EDGE, east - 2 * ON_EDGE]
  return seam.every(turn => planeSide(ring, turn, latitude!) === 'inside') ? 'inside' : 'edge'
}

/** Even-odd rule; each edge counts its lower end and not its upper one (Haines, Graphics Gems IV, 1994, 24–46). */
function planeSide(ring: Ring, x: number, y: number): Side {
  let inside = false
  let onEdge = false
  eachEdge(ring, ([x1, y1], [x2, y2]) => {
    onEdge ||= distance(x - x1!, y - y1!, x2! - x1!, y2! - y1!) <= ON_EDGE
    if (y1! > y !== y2! > y && x < x1! + ((y - y1!) / (y2! - y1!)) * (x2! - x1!)) inside = !inside
  })
  return onEdge ? 'edge' : inside ? 'inside' : 'outside'
}

/** Of the point (px, py) from the segment that runs from the origin to (dx, dy). */
function distance(px: number, py: number, dx: number, dy: number): number {
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length))
  return Math.hypot(px - along * dx, py - along * dy)
}

function bounds(ring: Ring): { least: number; south: number; most: number; north: number } {
  let [least, south, most, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [longitude, latitude] of ring) {
    least = Math.min(least, longitude!)
    most = Math.max(most, longitude!)
    south = Math.min(south, latitude!)
    north = Math.max(north, latitude!)
  }
  return { least, south, most, north }
}

function eachEdge(ring: Ring, visit: (from: Position, to: Position) => void): void {
  for (let i = 1; i < ring.length; i++) visit(ring[i - 1]!, ring[i]!)
}
