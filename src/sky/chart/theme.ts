/** `auto` follows the reader’s system, also where the SVG stands in a page as an image. */
export type ChartTheme = 'auto' | 'light' | 'dark'

type Palette = Readonly<Record<'ink' | 'faint' | 'sky' | 'line' | 'star' | 'sun' | 'moon' | 'shade' | 'alert', string>>

/** Text has at least 4.5 : 1 against the sky and 7 : 1 against a white or black page. */
const LIGHT: Palette = {
  ink: '#1b2433',
  faint: '#4a566b',
  sky: '#eef3fb',
  line: '#b9c5d8',
  star: '#33425c',
  sun: '#c77700',
  moon: '#ffffff',
  shade: '#5b6880',
  alert: '#b3261e',
}

const DARK: Palette = {
  ink: '#e8edf6',
  faint: '#a9b5c9',
  sky: '#101a2e',
  line: '#37455f',
  star: '#dfe8f7',
  sun: '#ffc04d',
  moon: '#f4f1e6',
  shade: '#2b3850',
  alert: '#ff8a80',
}

/** The chart's style sheet; every rule is bound to the chart's own class, so that it changes nothing else in a page. */
export function styleSheet(theme: ChartTheme): string {
  const fixed = variables(theme === 'dark' ? DARK : LIGHT)
  const night = theme === 'auto' ? `@media (prefers-color-scheme: dark){.ce-sky{${variables(DARK)}}}` : ''
  return `.ce-sky{${fixed}}${night}${RULES}`
}

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--ce-${name}:${colour}`)
    .join(';')
}

const RULES = [
  'text{font-family:system-ui,sans-serif;font-size:11px;fill:var(--ce-ink)}',
  // Names stay legible where a line runs behind them.
  '.name{paint-order:stroke;stroke:var(--ce-sky);stroke-width:2px;stroke-linejoin:round}',
  '.faint{fill:var(--ce-faint)}',
  '.title{font-size:14px;font-weight:600}',
  '.dome{fill:var(--ce-sky);stroke:var(--ce-ink);stroke-width:1.5}',
  '.ring{fill:none;stroke:var(--ce-line);stroke-width:1}',
  '.leader{stroke:var(--ce-faint);stroke-width:.75}',
  '.ecliptic{fill:none;stroke:var(--ce-sun);stroke-width:1;stroke-dasharray:2 4}',
  '.star{fill:var(--ce-star)}',
  '.sun{fill:var(--ce-sun)}',
  '.moon-dark{fill:var(--ce-shade);stroke:var(--ce-ink);stroke-width:.5}',
  '.moon-lit{fill:var(--ce-moon)}',
  '.planet{fill:var(--ce-ink);stroke:var(--ce-sky);stroke-width:1}',
  '.sight{stroke:var(--ce-faint);stroke-width:1.25;fill:none}',
  '.residual{stroke:var(--ce-alert);stroke-width:1.5;fill:none}',
]
  .map(rule => `.ce-sky ${rule}`)
  .join('')
