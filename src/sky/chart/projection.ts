import type { EquatorialBody, HorizontalBody } from '../types'

/** A point of the drawing in pixels; y grows downwards. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A direction in degrees: altitude and azimuth, or declination and right ascension. */
export interface Direction {
  readonly latitude: number
  readonly longitude: number
}

/** Where directions stand in the drawing. */
export interface Projection {
  readonly width: number
  readonly height: number
  project(direction: Direction): Point
  /** Whether a label's corner may stand there. */
  holds(point: Point): boolean
}

/** The half of the sky above the horizon seen from below: zenith in the middle, north up, east to the left, degrees of altitude equally spaced. */
export function domeProjection(size: number, margin: number): Projection & { readonly radius: number } {
  const centre = size / 2
  const radius = centre - margin
  const project = ({ latitude, longitude }: Direction): Point => {
    const distance = (radius * (90 - latitude)) / 90
    const angle = radians(longitude)
    return { x: centre - distance * Math.sin(angle), y: centre - distance * Math.cos(angle) }
  }
  const holds = ({ x, y }: Point) => Math.hypot(x - centre, y - centre) <= radius
  return { width: size, height: size, radius, project, holds }
}

/** The whole sphere as a rectangle: right ascension grows to the left, 12 h in the middle, declination upwards. */
export function rectangleProjection(width: number, margin: number): Projection {
  const inner = width - 2 * margin
  const height = inner / 2 + 2 * margin
  const project = ({ latitude, longitude }: Direction): Point => ({
    x: width - margin - (inner * longitude) / 360,
    y: margin + (inner * (90 - latitude)) / 360,
  })
  const holds = ({ x, y }: Point) => x >= margin && x <= width - margin && y >= margin && y <= height - margin
  return { width, height, project, holds }
}

/** A body's direction in degrees. */
export function directionOf(body: HorizontalBody | EquatorialBody): Direction {
  return 'altitude' in body
    ? { latitude: body.altitude / 3600, longitude: body.azimuth / 3600 }
    : { latitude: body.declination / 3600, longitude: body.rightAscension / 3600 }
}

/** Degrees between two directions. */
export function separation(a: Direction, b: Direction): number {
  const [u, v] = [vector(a), vector(b)]
  return degrees(Math.acos(Math.min(1, Math.max(-1, u[0] * v[0] + u[1] * v[1] + u[2] * v[2]))))
}

/** The direction one degree from `from` on the way to `to`. */
export function oneDegreeTowards(from: Direction, to: Direction): Direction {
  const between = radians(separation(from, to))
  if (Math.sin(between) < 1e-9) return from
  const step = radians(1)
  const [a, b] = [Math.sin(between - step) / Math.sin(between), Math.sin(step) / Math.sin(between)]
  const [u, v] = [vector(from), vector(to)]
  const [x, y, z] = [a * u[0] + b * v[0], a * u[1] + b * v[1], a * u[2] + b * v[2]]
  return {
    latitude: degrees(Math.asin(Math.min(1, Math.max(-1, z)))),
    longitude: (degrees(Math.atan2(y, x)) + 360) % 360,
  }
}

function vector({ latitude, longitude }: Direction): readonly [number, number, number] {
  const [lat, lon] = [radians(latitude), radians(longitude)]
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)]
}

export const radians = (angle: number): number => (angle * Math.PI) / 180
const degrees = (angle: number): number => (angle * 180) / Math.PI
