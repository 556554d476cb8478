import { type domeProjection, radians, type Point, type Projection } from './projection'
import { element, path } from './svg'

const COMPASS = [
  ['N', 0],
  ['E', 90],
  ['S', 180],
  ['W', 270],
] as const

/** Obliquity of the ecliptic at J2000 in degrees (IAU 2006: 84381.406″), near enough for a line one pixel wide. */
const OBLIQUITY = 23.4393

/** The degrees of a ring or a parallel, and where they begin: names keep clear of them. */
export interface ScaleMark {
  readonly at: Point
  readonly text: string
}

export function domeScale(dome: Projection): ScaleMark[] {
  return [30, 60].map(altitude => {
    const { x, y } = dome.project({ latitude: altitude, longitude: 135 })
    return { at: { x: x + 2, y: y - 2 }, text: `${altitude}°` }
  })
}

export function rectangleScale(map: Projection): ScaleMark[] {
  return [-60, -30, 30, 60].map(declination => {
    const { x, y } = map.project({ latitude: declination, longitude: 360 })
    return { at: { x: x + 3, y: y - 3 }, text: degreesText(declination) }
  })
}

function scaleText({ at: { x, y }, text }: ScaleMark): string {
  return element('text', { class: 'faint', x, y }, text)
}

/** Horizon, altitude rings at 30° and 60°, and the four quarters with their letters. */
export function domeGrid(dome: ReturnType<typeof domeProjection>): string {
  const { x, y } = dome.project({ latitude: 90, longitude: 0 })
  // As many degrees below the horizon as twelve pixels are outside the rim.
  const outside = (-12 * 90) / dome.radius
  const ring = (altitude: number) =>
    element('circle', { class: 'ring', cx: x, cy: y, r: (dome.radius * (90 - altitude)) / 90 })
  return [
    element('circle', { class: 'dome', cx: x, cy: y, r: dome.radius }),
    ...COMPASS.slice(0, 2).map(([, azimuth]) => line(dome, { latitude: 0, longitude: azimuth }, azimuth + 180)),
    ...[30, 60].map(ring),
    ...domeScale(dome).map(scaleText),
    ...COMPASS.map(([letter, azimuth]) =>
      compassLetter(letter, dome.project({ latitude: outside, longitude: azimuth })),
    ),
  ].join('')
}

function line(dome: Projection, from: { latitude: number; longitude: number }, azimuth: number): string {
  const [a, b] = [dome.project(from), dome.project({ latitude: 0, longitude: azimuth })]
  return element('line', { class: 'ring', x1: a.x, y1: a.y, x2: b.x, y2: b.y })
}

const degreesText = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value)}°`

function compassLetter(letter: string, { x, y }: Point): string {
  return element('text', { class: 'faint', x, y: y + 4, 'text-anchor': 'middle' }, letter)
}

/** Equator, parallels every 30°, meridians every 6 h with their hours, and the ecliptic. */
export function rectangleGrid(map: Projection): string {
  const at = (longitude: number, latitude: number) => map.project({ latitude, longitude })
  const [topRight, bottomLeft] = [at(0, 90), at(360, -90)]
  const width = topRight.x - bottomLeft.x
  const height = bottomLeft.y - topRight.y
  const segment = (a: Point, b: Point) => element('line', { class: 'ring', x1: a.x, y1: a.y, x2: b.x, y2: b.y })
  return [
    element('rect', { class: 'dome', x: bottomLeft.x, y: topRight.y, width, height }),
    ...[-60, -30, 0, 30, 60].map(dec => segment(at(0, dec), at(360, dec))),
    ...[90, 180, 270].map(ra => segment(at(ra, 90), at(ra, -90))),
    ...rectangleScale(map).map(scaleText),
    element('path', { class: 'ecliptic', d: ecliptic(map) }),
    ...[0, 6, 12, 18, 24].map(hour => compassLetter(`${hour} h`, { x: at(hour * 15, 0).x, y: bottomLeft.y + 12 })),
  ].join('')
}

/** Declination of the ecliptic at each right ascension: tan δ = tan ε sin α. */
function ecliptic(map: Projection): string {
  const points = Array.from({ length: 73 }, (_, i) => {
    const longitude = i * 5
    const tangent = Math.tan(radians(OBLIQUITY)) * Math.sin(radians(longitude))
    return map.project({ latitude: (Math.atan(tangent) * 180) / Math.PI, longitude })
  })
  return path(...points.flatMap(({ x, y }, i) => [i === 0 ? 'M' : 'L', x, y]))
}
