import { displayName } from '../display-name'
import { starMagnitude } from '../star-catalogue'
import type { EquatorialBody, HorizontalBody } from '../types'
import type { Mark } from './labels'
import { moonDisc } from './moon-disc'
import { directionOf, type Direction, type Projection } from './projection'
import { element, escapeText } from './svg'

export type ChartBody = HorizontalBody | EquatorialBody

/** Pixels; everything else is drawn as a star. The Sun is the larger disc, so that an eclipse shows both. */
const RADIUS: ReadonlyMap<string, number> = new Map([
  ['sun', 10],
  ['moon', 7.5],
  ['mercury', 3],
  ['venus', 4],
  ['mars', 3.5],
  ['jupiter', 4],
  ['saturn', 3.5],
])
const STAR_RADIUS = 1.6

/** Brighter stars are larger: from 3 pixels for Sirius to 1.4 for the faintest of the catalogue. */
function starRadius(name: string): number {
  const magnitude = starMagnitude(name)
  return magnitude === undefined ? STAR_RADIUS : Math.max(1.4, 2.4 - 0.4 * magnitude)
}

/** Where a body stands and what it is called. */
export function markOf(body: ChartBody, projection: Projection, isSighted = false): Mark {
  const solar = RADIUS.get(body.name)
  const at = projection.project(directionOf(body))
  return {
    at,
    radius: solar ?? starRadius(body.name),
    label: displayName(body.name),
    required: isSighted || solar !== undefined,
  }
}

/** Whether a body is Sun, Moon or planet. */
export function isSolar({ name }: ChartBody): boolean {
  return RADIUS.has(name)
}

/** A body as a shape with its exact direction as a tooltip. `sun` is where the Sun stands, from which the Moon has its phase. */
export function drawBody(body: ChartBody, projection: Projection, sun: Direction | undefined): string {
  const direction = directionOf(body)
  const { at, radius } = markOf(body, projection)
  const tooltip = element('title', {}, escapeText(describe(body)))
  if (body.name === 'moon') return element('g', {}, tooltip, moonDisc(direction, sun, radius, projection))
  const kind = body.name === 'sun' ? 'sun' : isSolar(body) ? 'planet' : 'star'
  return element('circle', { class: kind, cx: at.x, cy: at.y, r: radius }, tooltip)
}

function describe(body: ChartBody): string {
  const name = displayName(body.name)
  return 'altitude' in body
    ? `${name}: altitude ${sexagesimal(body.altitude)}, azimuth ${sexagesimal(body.azimuth)}`
    : `${name}: declination ${sexagesimal(body.declination)}, right ascension ${sexagesimal(body.rightAscension)}`
}

function sexagesimal(arcseconds: number): string {
  const whole = Math.round(Math.abs(arcseconds))
  const pad = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const sign = arcseconds < 0 ? '−' : ''
  return `${sign}${Math.floor(whole / 3600)}°${pad((whole / 60) % 60)}′${pad(whole % 60)}″`
}
