import { CosmicError, type ErrorCode } from '../../base/index'
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
  if (size !== undefined && !(size >= min && size <= max)) refuse('out-of-range', 'size', `${min} … ${max}`)
  if (theme !== undefined && !THEMES.includes(theme)) refuse('bad-value', 'theme', THEMES.join(', '))
  if (title.length > CHART_LIMITS.titleLength) refuse('too-large', 'title', CHART_LIMITS.titleLength)
  if (!Array.isArray(bodies)) refuse('bad-type', 'sky.bodies', 'a list')
  if (bodies.length > CHART_LIMITS.bodies) refuse('too-large', 'sky.bodies', CHART_LIMITS.bodies)
  for (const body of bodies) checkBody(body, bodies[0]!)
  if (sights.length > CHART_LIMITS.sights) refuse('too-large', 'sights', CHART_LIMITS.sights)
  for (const [i, sight] of sights.entries()) checkSight(sight, `sights[${i}]`, bodies)
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
  if (!(sigma > 0 && sigma <= 90)) refuse('out-of-range', `${field}.sigma`, '0 … 90')
  if (!(Math.abs(residual) <= 180)) refuse('out-of-range', `${field}.residual`, '−180 … 180')
}

function refuse(code: ErrorCode, field: string, limit?: number | string): never {
  throw new CosmicError({ code, field, ...(limit !== undefined && { limit }) })
}
