import { displayName } from '../display-name'
import { checkObject } from '../limits'
import { drawBody, isSolar, markOf, type ChartBody } from './body-marks'
import { checkChart } from './check-chart'
import { domeGrid, domeScale, rectangleGrid, rectangleScale } from './grid'
import { boxOf, placeLabels, type Box } from './labels'
import { drawSights, type ChartSight } from './sight-marks'
import { directionOf, domeProjection, rectangleProjection, type Projection } from './projection'
import { element, escapeText, path } from './svg'
import { styleSheet, type ChartTheme } from './theme'

/** What a chart draws: an `observeSky` answer, or the `sky` of a block. */
export interface ChartSky {
  readonly bodies: readonly ChartBody[]
}

export interface SkyChartOptions {
  /** Width in pixels, 240 … 4096; default 480. The height follows. */
  readonly size?: number
  /** Default `auto`: light or dark as the reader’s system is. */
  readonly theme?: ChartTheme
  /** At most 200 characters: a line above the drawing, and its name for screen readers. */
  readonly title?: string
  /** At most 64, of bodies above the horizon: drawn as error bars and residual arrows, stretched by a factor that the chart names. */
  readonly sights?: readonly ChartSight[]
}

/** Pixels: around the drawing, and from line to line. */
const MARGIN = 26
const LINE = 16
/** Of the title: from line to line, and a letter's mean advance. */
const TITLE_LINE = 18
const TITLE_ADVANCE = 8.5

/** What stands between title and footer. */
interface Drawing {
  readonly projection: Projection
  readonly content: string
  /** Lines below. */
  readonly footer: readonly string[]
}

/**
 * A sky as a drawing: an SVG document that stands by itself in a page, a file or an `<img>`, without script and without
 * DOM. A sky with altitudes is the dome above the horizon, seen from below (north up, east left), with a line that names
 * what stands below it; a geocentric one is a map of the whole sphere with the ecliptic. The same input gives the same text.
 *
 * A picture shows what a block claims. It proves nothing: anyone can compute a sky.
 *
 * @throws CosmicError `out-of-range` (`size`), `too-large` (bodies, a name, `title`), `bad-value` (mixed frames, `theme`),
 * `non-finite` (a direction), `bad-type` (what is no sky, no list, no text)
 *
 * @example
 * ```ts
 * const svg = renderSkyChart(observeSky({ time, place }), { title: 'Vienna, New Year 2026' })
 * ```
 */
export function renderSkyChart(sky: ChartSky, options: SkyChartOptions = {}): string {
  checkObject(sky, 'sky')
  checkObject(options, 'options')
  checkChart(sky.bodies, options)
  const { size = 480, theme = 'auto', title, sights = [] } = options
  const isDome = sky.bodies.every(body => 'altitude' in body)
  const { projection, content, footer } = isDome ? drawDome(sky.bodies, sights, size) : drawMap(sky.bodies, size)
  const titleLines = title === undefined ? [] : wrap(title.split(/\s+/), size / TITLE_ADVANCE)
  const top = titleLines.length * TITLE_LINE + (titleLines.length && 6)
  const height = top + projection.height + footer.length * LINE + (footer.length && LINE / 2)
  const centred = (line: string, name: string, y: number) =>
    element('text', { class: name, x: size / 2, y, 'text-anchor': 'middle' }, escapeText(line))
  return element(
    'svg',
    {
      ...{ xmlns: 'http://www.w3.org/2000/svg', class: 'ce-sky', role: 'img' },
      ...{ width: size, height, viewBox: path(0, 0, size, height) },
    },
    element('title', {}, escapeText(title ?? 'Sky chart')),
    element('style', {}, styleSheet(theme)),
    ...titleLines.map((line, i) => centred(line, 'title', LINE + i * TITLE_LINE)),
    element('g', { transform: `translate(${path(0, top)})` }, content),
    ...footer.map((line, i) => centred(line, 'faint', top + projection.height + (i + 0.6) * LINE)),
  )
}

function drawDome(bodies: readonly ChartBody[], sights: readonly ChartSight[], size: number): Drawing {
  const projection = domeProjection(size, MARGIN)
  const above = bodies.filter(body => directionOf(body).latitude >= 0)
  const below = bodies.filter(body => !above.includes(body))
  const names = below.map(body => `${displayName(body.name)} ${Math.round(-directionOf(body).latitude)}°`)
  const marks = sights.length === 0 ? undefined : drawSights(sights, above, projection)
  const words = names.length === 0 ? [] : ['Below the horizon:', ...joined(names)]
  const width = size / 7.5
  const footer = [...wrap(words, width), ...wrap(marks?.legend.split(' ') ?? [], width)]
  const drawn = [...domeScale(projection).map(boxOf), ...(marks?.boxes ?? [])]
  const sighted = new Set(sights.map(({ body }) => body))
  const content = domeGrid(projection) + (marks?.content ?? '') + drawBodies(above, bodies, projection, drawn, sighted)
  return { projection, content, footer }
}

function drawMap(bodies: readonly ChartBody[], size: number): Drawing {
  const projection = rectangleProjection(size, MARGIN)
  const marks = drawBodies(bodies, bodies, projection, rectangleScale(projection).map(boxOf))
  return { projection, content: rectangleGrid(projection) + marks, footer: [] }
}

/** Stars below Sun, Moon and planets, names above all; what is larger chooses its place first. */
function drawBodies(
  shown: readonly ChartBody[],
  all: readonly ChartBody[],
  projection: Projection,
  drawn: readonly Box[],
  sighted: ReadonlySet<string> = new Set(),
): string {
  const sun = all.find(({ name }) => name === 'sun')
  const [solar, stars] = [shown.filter(isSolar), shown.filter(body => !isSolar(body))]
  const marks = [...solar, ...stars]
    .map(body => markOf(body, projection, sighted.has(body.name)))
    .sort((a, b) => b.radius - a.radius)
  const shapes = [...stars, ...solar].map(body => drawBody(body, projection, sun && directionOf(sun)))
  return shapes.join('') + placeLabels(marks, projection, drawn)
}

function joined(names: readonly string[]): string[] {
  return names.map((name, i) => (i < names.length - 1 ? `${name},` : name))
}

/** Words in lines of at most so many characters; longer words are broken. */
function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = []
  const pieces = words.flatMap(word => word.match(new RegExp(`.{1,${Math.floor(width)}}`, 'gsu')) ?? [])
  for (const word of pieces) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
