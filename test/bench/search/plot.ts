import type { Curve } from './sweep'

const WIDTH = 420
const HEIGHT = 340
const LEFT = 62
const RIGHT = 12
const TOP = 58
const BOTTOM = 44
/** Recall from which the plot begins; what lies below is of no use to anyone. */
const FROM = 0.8
const COLOURS = ['ours', 'one', 'two', 'three']

const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #24292f }
    .faint { fill: #57606a } .grid { stroke: #d0d7de } .ground { fill: #ffffff }
    .curve { fill: none; stroke-width: 2.5 } .ours { stroke: #0550ae } .one { stroke: #bc4c00 } .two { stroke: #1a7f37 } .three { stroke: #8250df }
    circle { stroke-width: 2 } circle.ours { fill: #0550ae } circle.one { fill: #bc4c00 } circle.two { fill: #1a7f37 } circle.three { fill: #8250df }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #3d444d } .ground { fill: #0d1117 }
      .ours { stroke: #58a6ff } .one { stroke: #f0883e } .two { stroke: #3fb950 } .three { stroke: #bc8cff }
      circle.ours { fill: #58a6ff } circle.one { fill: #f0883e } circle.two { fill: #3fb950 } circle.three { fill: #bc8cff }
    }`

/** Recall against searches a second, the rate on a logarithmic scale: up and to the right is better. Legible at a phone's width. */
export function renderPlot(title: string, curves: readonly Curve[]): string {
  const shown = curves.map(({ name, points }) => ({
    name,
    points: best(points.filter(({ recall }) => recall >= FROM)),
  }))
  const rates = shown.flatMap(({ points }) => points.map(({ rate }) => rate))
  const [low, high] = [
    10 ** Math.floor(Math.log10(Math.min(...rates))),
    10 ** Math.ceil(Math.log10(Math.max(...rates))),
  ]
  const x = (recall: number) => LEFT + ((recall - FROM) / (1 - FROM)) * (WIDTH - LEFT - RIGHT)
  const y = (rate: number) => HEIGHT - BOTTOM - (Math.log(rate / low) / Math.log(high / low)) * (HEIGHT - TOP - BOTTOM)
  const lines = shown.flatMap(({ points }, i) => {
    const path = points.map(({ recall, rate }) => `${x(recall).toFixed(1)},${y(rate).toFixed(1)}`).join(' ')
    return [
      `<polyline class="curve ${COLOURS[i]}" points="${path}"/>`,
      ...points.map(
        p => `<circle class="${COLOURS[i]}" cx="${x(p.recall).toFixed(1)}" cy="${y(p.rate).toFixed(1)}" r="3"/>`,
      ),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    `<style>${STYLE}\n  </style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text x="${LEFT}" y="18" font-weight="600">${title}</text>`,
    ...legend(shown.map(({ name }) => name)),
    ...recallAxis(x),
    ...rateAxis(low, high, y),
    ...lines,
    '</svg>\n',
  ].join('\n  ')
}

/** Only what no other setting beats in both, in the order of recall. */
function best(points: Curve['points']): Curve['points'] {
  return points
    .filter(a => !points.some(b => b.recall >= a.recall && b.rate > a.rate))
    .sort((a, b) => a.recall - b.recall)
}

function legend(names: readonly string[]): string[] {
  let at = LEFT
  return names.flatMap((name, i) => {
    const here = at
    at += 30 + 7 * name.length
    return [
      `<circle class="${COLOURS[i]}" cx="${here + 5}" cy="38" r="4"/>`,
      `<text x="${here + 14}" y="42">${name}</text>`,
    ]
  })
}

function recallAxis(x: (recall: number) => number): string[] {
  const ticks = [0.8, 0.85, 0.9, 0.95, 1].flatMap(recall => [
    `<line class="grid" x1="${x(recall)}" x2="${x(recall)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`,
    `<text class="faint" x="${x(recall)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="${recall === 1 ? 'end' : 'middle'}">${recall}</text>`,
  ])
  return [
    ...ticks,
    `<text class="faint" x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">recall of the ten nearest →</text>`,
  ]
}

function rateAxis(low: number, high: number, y: (rate: number) => number): string[] {
  const ticks: string[] = []
  for (let decade = low; decade <= high; decade *= 10) {
    for (const rate of [decade, 2 * decade, 5 * decade].filter(each => each <= high)) {
      ticks.push(
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(rate).toFixed(1)}" y2="${y(rate).toFixed(1)}"/>`,
        `<text class="faint" x="${LEFT - 6}" y="${(y(rate) + 4).toFixed(1)}" text-anchor="end">${rate.toLocaleString('en-US')}</text>`,
      )
    }
  }
  return [...ticks, `<text class="faint" x="4" y="${HEIGHT - 8}">↑ searches a second</text>`]
}
