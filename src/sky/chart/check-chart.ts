import { CosmicError, type ErrorCode } from '../../base/index'
import { checkList } from '../limits'
import type { ChartBody } from './body-marks'
import type { SkyChartOptions } from './render-sky-chart'
import type { ChartSight } from './sight-marks'

/** Bounds of what a chart takes. */
export const CHART_LIMITS = {
  size: { min: 240, max: 4096 },
  bodies: 128,
  sights: 64,
  nameLength: 64,
  titleLength: 200,
} as const

const THEMES: readonly unknown[] = ['auto', 'light', 'dark']

/** Refuses what cannot be drawn, by name and limit. */
export function checkChart(
  bodies: readonly ChartBody[],
  { size, theme, title = '', sights = [] }: SkyChartOptions,
): void {
  const { min, max } = CHART_LIMITS.size
  if (size !== undefined && !(typeof size === 'number' && size >= min && size <= max))
    refuse('out-of-range', 'size', `${min} … ${max}`)
  if (theme !== undefined && !THEMES.includes(theme)) refuse('bad-value', 'theme', THEMES.join(', '))
  if (typeof title !== 'string') refuse('bad-type', 'title', 'a text')
  if (title.length > CHART_LIMITS.titleLength) refuse('too-large', 'title', CHART_LIMITS.titleLength)
  checkCounted(bodies, 'sky.bodies', CHART_LIMITS.bodies)
  for (const body of bodies) checkBody(body, bodies[0]!)
  checkCounted(sights, 'sights', CHART_LIMITS.sights)
  for (const [i, sight] of sights.entries()) checkSight(sight, `sights[${i}]`, bodies)
}

function checkCounted(items: unknown, field: string, most: number): void {
  if (Array.isArray(items) && items.length > most) refuse('too-large', field, most)
  checkList(items, field)
}

function checkBody(body: ChartBody, first: ChartBody): void {
  const { name } = body
  if (typeof name !== 'string' || name.length > CHART_LIMITS.nameLength) {
    refuse('too-large', 'sky.bodies.name', CHART_LIMITS.nameLength)
  }
  if ('altitude' in body !== 'altitude' in first) refuse('bad-value', `sky.${name}`, 'one frame for all bodies')
  const angles = 'altitude' in body ? [body.altitude, body.azimuth] : [body.declination, body.rightAscension]
  if (!angles.every(Number.isFinite)) refuse('non-finite', `sky.${name}`)
}

function checkSight({ body, sigma, residual }: ChartSight, field: string, bodies: readonly ChartBody[]): void {
  const seen = bodies.find(({ name }) => name === body)
  const isUp = seen !== undefined && 'altitude' in seen && seen.altitude >= 0
  if (!isUp) refuse('bad-value', `${field}.body`, 'a body of the sky above the horizon')
  if (!(isNumber(sigma) && sigma > 0 && sigma <= 90)) refuse('out-of-range', `${field}.sigma`, '0 … 90')
  if (!(isNumber(residual) && Math.abs(residual) <= 180)) refuse('out-of-range', `${field}.residual`, '−180 … 180')
}

const isNumber = (value: unknown) => typeof value === 'number'

function refuse(code: ErrorCode, field: string, limit?: number | string): never {
  throw new CosmicError({ code, field, ...(limit !== undefined && { limit }) })
}
