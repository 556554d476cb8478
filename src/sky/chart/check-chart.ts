import { CosmicError, type ErrorCode } from '../../base/index'
import type { ChartBody } from './body-marks'
import type { SkyChartOptions } from './render-sky-chart'

/** Bounds of what a chart takes. */
export const CHART_LIMITS = { size: { min: 240, max: 4096 }, bodies: 128, nameLength: 64, titleLength: 200 } as const

const THEMES: readonly unknown[] = ['auto', 'light', 'dark']

/** Refuses what cannot be drawn, by name and limit. */
export function checkChart(bodies: readonly ChartBody[], { size, theme, title = '' }: SkyChartOptions): void {
  const { min, max } = CHART_LIMITS.size
  if (size !== undefined && !(size >= min && size <= max)) refuse('out-of-range', 'size', `${min} … ${max}`)
  if (theme !== undefined && !THEMES.includes(theme)) refuse('bad-value', 'theme', THEMES.join(', '))
  if (title.length > CHART_LIMITS.titleLength) refuse('too-large', 'title', CHART_LIMITS.titleLength)
  if (!Array.isArray(bodies)) refuse('bad-type', 'sky.bodies', 'a list')
  if (bodies.length > CHART_LIMITS.bodies) refuse('too-large', 'sky.bodies', CHART_LIMITS.bodies)
  for (const body of bodies) checkBody(body, bodies[0]!)
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

function refuse(code: ErrorCode, field: string, limit?: number | string): never {
  throw new CosmicError({ code, field, ...(limit !== undefined && { limit }) })
}
