import type { ChartBody } from './body-marks'
import type { Box } from './labels'
import { directionOf, type domeProjection, type Point } from './projection'
import { element, path } from './svg'

/** One observed altitude, in degrees: its standard deviation, and observed minus computed. */
export interface ChartSight {
  readonly body: string
  readonly sigma: number
  readonly residual: number
}

/** Pixels that the longest bar or arrow may take, and of caps and arrow heads. */
const LONGEST = 30
const CAP = 4

/** Sights as they show on the dome, and the factor by which they are drawn too long to be seen at all. */
export interface SightMarks {
  readonly content: string
  readonly legend: string
  readonly boxes: readonly Box[]
}

/**
 * Bars of one standard deviation along the altitude of each body, and arrows to where it was observed: towards the zenith
 * when it stood higher than computed. A minute of arc is a fortieth of a pixel, so all are stretched by one round factor.
 */
export function drawSights(
  sights: readonly ChartSight[],
  bodies: readonly ChartBody[],
  dome: ReturnType<typeof domeProjection>,
): SightMarks {
  const largest = Math.max(...sights.map(({ sigma, residual }) => Math.max(sigma, Math.abs(residual))))
  const stretch = roundFactor((LONGEST * 90) / dome.radius / largest)
  const drawn = sights.map(({ body, sigma, residual }) => {
    const { latitude, longitude } = directionOf(bodies.find(({ name }) => name === body)!)
    const at = (offset: number) => dome.project({ latitude: latitude + offset * stretch, longitude })
    const [low, high, observed] = [at(-sigma), at(sigma), at(residual)]
    return {
      content: errorBar(low, high) + arrow(at(0), observed),
      boxes: [...boxesAlong(low, high), ...boxesAlong(at(0), observed)],
    }
  })
  return {
    content: drawn.map(({ content }) => content).join(''),
    legend: `Bars: ±1σ of each sight; arrows: observed − computed, × ${stretch}`,
    boxes: drawn.flatMap(({ boxes }) => boxes),
  }
}

/** Small boxes along a line: one around all of it would keep names away from where nothing is drawn. */
function boxesAlong(from: Point, to: Point): Box[] {
  const pieces = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / CAP)
  return Array.from({ length: pieces + 1 }, (_, i) => {
    const share = i / Math.max(1, pieces)
    const [x, y] = [from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share]
    return { left: x - CAP, right: x + CAP, top: y - CAP, bottom: y + CAP }
  })
}

function errorBar(from: Point, to: Point): string {
  const { x, y } = across(from, to, CAP)
  return shape('M', from.x, from.y, 'L', to.x, to.y, ...cap(from, x, y), ...cap(to, x, y))
}

function cap({ x, y }: Point, dx: number, dy: number): (string | number)[] {
  return ['M', x - dx, y - dy, 'L', x + dx, y + dy]
}

/** Nothing for an arrow shorter than its head. */
function arrow(from: Point, to: Point): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  if (length < CAP) return ''
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length]
  const base = { x: to.x - ux * CAP, y: to.y - uy * CAP }
  const { x, y } = across(from, to, CAP)
  const head = ['M', base.x - x, base.y - y, 'L', to.x, to.y, 'L', base.x + x, base.y + y]
  return element('path', { class: 'residual', d: path('M', from.x, from.y, 'L', to.x, to.y, ...head) })
}

/** A step of so many pixels at right angles to a line; none where the line has no length. */
function across(from: Point, to: Point, pixels: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  return { x: (-(to.y - from.y) * pixels) / length, y: ((to.x - from.x) * pixels) / length }
}

function shape(...parts: (string | number)[]): string {
  return element('path', { class: 'sight', d: path(...parts) })
}

/** The largest of 1, 2, 5, 10, 20, … that is not greater; 1 at least, 10,000,000 at most. */
function roundFactor(value: number): number {
  const bounded = Math.min(1e7, Math.max(1, value))
  const power = 10 ** Math.floor(Math.log10(bounded))
  const digit = [5, 2, 1].find(digit => digit * power <= bounded) ?? 1
  return digit * power
}
