import { expect, test } from 'vitest'
import { CHART_LIMITS, observeSky, renderSkyChart, type ChartSky } from '../../../../src/sky/index'

const vienna = { time: Date.UTC(2026, 5, 20, 21), place: { latitude: 48.2082, longitude: 16.3738 } }
const dome = (...bodies: [name: string, altitude: number, azimuth: number][]): ChartSky => ({
  bodies: bodies.map(([name, altitude, azimuth]) => ({ name, altitude: altitude * 3600, azimuth: azimuth * 3600 })),
})

/** Centre of the shape whose tooltip begins with a name. */
function centreOf(svg: string, name: string): [number, number] {
  const [, x, y] = new RegExp(`<circle [^>]*cx="([\\d.]+)" cy="([\\d.]+)"[^>]*><title>${name}:`).exec(svg)!
  return [Number(x), Number(y)]
}

test('the zenith is in the middle, north up, east to the left, the horizon on the rim', () => {
  const svg = renderSkyChart(
    dome(['vega', 90, 0], ['polaris', 45, 0], ['altair', 0, 90], ['deneb', 0, 180], ['arcturus', 30, 270]),
    { size: 500 },
  )
  const radius = 250 - 26
  expect(centreOf(svg, 'Vega')).toEqual([250, 250])
  expect(centreOf(svg, 'Polaris')).toEqual([250, 250 - radius / 2])
  expect(centreOf(svg, 'Altair')).toEqual([250 - radius, 250])
  expect(centreOf(svg, 'Deneb')).toEqual([250, 250 + radius])
  expect(centreOf(svg, 'Arcturus')).toEqual([399.33, 250])
})

test('what stands below the horizon is named below the drawing, and not drawn', () => {
  const svg = renderSkyChart(dome(['sun', -12.4, 10], ['mars', 20, 10]))
  expect(svg).toContain('Below the horizon: Sun 12°')
  expect(svg).not.toContain('class="sun"')
  expect(renderSkyChart(dome(['mars', 20, 10]))).not.toContain('Below the horizon')
})

test('many that stand below are wrapped, none is lost, and the drawing grows', () => {
  const names = ['sun', 'moon', 'mercury', 'venus', 'mars', 'jupiter', 'saturn']
  const svg = renderSkyChart(dome(...names.map((name, i): [string, number, number] => [name, -10 - i, 0])), {
    size: 240,
  })
  const height = (text: string) => Number(/height="([\d.]+)"/.exec(text)![1])
  expect(height(svg)).toBeGreaterThan(height(renderSkyChart(dome(['sun', -10, 0]), { size: 240 })))
  for (const i of names.keys()) expect(svg).toContain(` ${10 + i}°`)
})

test('a geocentric sky is a map: right ascension grows to the left, declination upwards', () => {
  const svg = renderSkyChart(
    {
      bodies: [
        { name: 'sun', declination: 0, rightAscension: 0 },
        { name: 'vega', declination: 45 * 3600, rightAscension: 90 * 3600 },
      ],
    },
    { size: 500 },
  )
  const [sun, vega] = [centreOf(svg, 'Sun'), centreOf(svg, 'Vega')]
  expect(sun[0] - vega[0]).toBeCloseTo((500 - 52) / 4, 1)
  expect(sun[1] - vega[1]).toBeCloseTo((500 - 52) / 8, 1)
  expect(svg).toContain('class="ecliptic"')
  expect(svg).not.toContain('Below the horizon')
})

test.each([
  ['new', 0, 0],
  ['half, the crescent side', 45, 0],
  ['gibbous', 135, 1],
  ['full', 180, 1],
])('the Moon is %s as far as it is from the Sun', (_, elongation, sweep) => {
  const svg = renderSkyChart(dome(['sun', 0, 0], ['moon', 0, elongation]))
  const [, short, drawn] = /A 7\.5 7\.5 0 0 1 0 7\.5 A ([\d.]+) 7\.5 0 0 ([01])/.exec(svg)!
  expect(Number(short)).toBeCloseTo(7.5 * Math.abs(Math.cos((elongation * Math.PI) / 180)), 1)
  if (elongation > 0) expect(Number(drawn)).toBe(sweep)
})

test('the bright limb of the Moon points to the Sun, and a Moon without Sun is full', () => {
  const svg = renderSkyChart(dome(['sun', 30, 180], ['moon', 60, 180]))
  expect(svg).toMatch(/rotate\(90\)/)
  expect(renderSkyChart(dome(['moon', 60, 180]))).not.toContain('moon-dark"')
})

test('every body has its exact direction as a tooltip', () => {
  const svg = renderSkyChart({ bodies: [{ name: 'rigil kentaurus', altitude: 3_661, azimuth: 360_059 }] })
  expect(svg).toContain('<title>Rigil Kentaurus: altitude 1°01′01″, azimuth 100°00′59″</title>')
})

test('brighter stars are larger, and the brightest names choose their place first', () => {
  const svg = renderSkyChart(dome(['menkar', 45, 90], ['sirius', 45, 91]))
  const radius = (name: string) => Number(new RegExp(`r="([\\d.]+)"><title>${name}:`).exec(svg)![1])
  expect(radius('Sirius')).toBeGreaterThan(radius('Menkar'))
  expect(svg.indexOf('>Sirius</text>')).toBeLessThan(svg.indexOf('>Menkar</text>'))
})

test('names of Sun, Moon and planets are always shown, also when they stand together', () => {
  const svg = renderSkyChart(
    dome(['sun', 45, 90], ['moon', 45, 90], ['venus', 45, 90.5], ['mercury', 45.5, 90], ['mars', 45, 89]),
  )
  for (const name of ['Sun', 'Moon', 'Venus', 'Mercury', 'Mars']) expect(svg).toContain(`>${name}</text>`)
})

test('of a crowd of stars as many names are shown as find room, and no two cover each other', () => {
  const crowd = Array.from({ length: 60 }, (_, i): [string, number, number] => [
    `star ${i}`,
    30 + (i % 8) * 4,
    60 + i * 2,
  ])
  const svg = renderSkyChart(dome(...crowd))
  const labels = [...svg.matchAll(/<text class="name" x="([\d.]+)" y="([\d.]+)" text-anchor="middle">(Star \d+)</g)]
  expect(labels.length).toBeGreaterThan(10)
  expect(labels.length).toBeLessThan(60)
  for (const [i, [, x, y, name]] of labels.entries()) {
    for (const [, otherX, otherY] of labels.slice(i + 1)) {
      const apart =
        Math.abs(Number(x) - Number(otherX)) >= name!.length * 5 || Math.abs(Number(y) - Number(otherY)) >= 11.9
      expect(apart).toBe(true)
    }
  }
})

test('names keep clear of the degrees of the scale, and of bars and arrows', () => {
  const boxes = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, x, y]) => [Number(x), Number(y)])
  const scale = boxes(renderSkyChart(dome(['vega', 5, 5])), /<text class="faint" x="([\d.]+)" y="([\d.]+)">/g)
  expect(scale).toHaveLength(2)
  // Marks right beside each of them.
  for (const [x, y] of scale) {
    const [dx, dy] = [240 - (x! - 12), 240 - (y! - 4)]
    const altitude = 90 - (Math.hypot(dx, dy) / 214) * 90
    const svg = renderSkyChart(dome(['vega', altitude, (Math.atan2(dx, dy) * 180) / Math.PI]))
    const [[nameX, nameY]] = boxes(svg, /class="name" x="([\d.]+)" y="([\d.]+)"/g) as [[number, number]]
    expect(Math.abs(nameX - (x! + 9)) > 20 || Math.abs(nameY - y!) > 10).toBe(true)
  }
  const sights = [{ body: 'vega', sigma: 0.01, residual: 0.02 }]
  const crowd = Array.from({ length: 30 }, (_, i): [string, number, number] => [
    `star ${i}`,
    30 + (i % 6) - 3,
    86 + i / 3,
  ])
  expect(renderSkyChart(dome(...crowd, ['vega', 30, 90]), { sights })).toContain('>Vega</text>')
  const seen = renderSkyChart(dome(['vega', 30, 90]), { sights })
  const [[, arrowY]] = boxes(seen, /class="residual" d="M ([\d.]+) ([\d.]+)/g) as [[number, number]]
  const [[, nameY]] = boxes(seen, /class="name" x="([\d.]+)" y="([\d.]+)"/g) as [[number, number]]
  expect(Math.abs(nameY - 4 - arrowY)).toBeGreaterThan(5)
})

test('a title that is too long for the width goes on in further lines, whatever its words', () => {
  const titles = ['a title that is far too long for the width of this chart, as people make them', 'x'.repeat(200)]
  for (const title of titles) {
    const svg = renderSkyChart(dome(['vega', 45, 0]), { size: 240, title })
    const lines = [...svg.matchAll(/class="title"[^>]*>([^<]*)</g)].map(([, line]) => line!)
    expect(lines.length).toBeGreaterThan(2)
    expect(lines.every(line => line.length <= 28)).toBe(true)
    expect(lines.join(title.includes(' ') ? ' ' : '')).toBe(title)
  }
})

test('what a name or a title holds stays text', () => {
  const svg = renderSkyChart(dome([`</text><script>"'&`, 45, 0]), { title: '<img onerror=x>' })
  expect(svg).not.toMatch(/<script|<img/)
  expect(svg).toContain('&lt;img onerror=x&gt;')
})

test('the theme decides the colours; auto carries both', () => {
  const sky = observeSky(vienna)
  expect(renderSkyChart(sky)).toContain('prefers-color-scheme')
  const [light, dark] = [renderSkyChart(sky, { theme: 'light' }), renderSkyChart(sky, { theme: 'dark' })]
  for (const fixed of [light, dark]) expect(fixed).not.toContain('prefers-color-scheme')
  expect(light).not.toBe(dark)
})

test('every rule of its style sheet is bound to the chart', () => {
  const [, css] = /<style>(.*?)<\/style>/.exec(renderSkyChart(observeSky(vienna)))!
  const selectors = css!.replaceAll(/@media[^{]*\{(.*?\})\}/g, '$1').matchAll(/([^{}]+)\{/g)
  for (const [, selector] of selectors) expect(selector).toMatch(/^\.ce-sky( |$)/)
})

test('the same sky gives the same text', () => {
  expect(renderSkyChart(observeSky(vienna))).toBe(renderSkyChart(observeSky(vienna)))
})

test('sights are bars and arrows along the altitude, stretched by a factor that the chart names', () => {
  const sights = [
    { body: 'vega', sigma: 0.01, residual: 0.02 },
    { body: 'altair', sigma: 0.01, residual: -0.01 },
  ]
  const svg = renderSkyChart(dome(['vega', 45, 0], ['altair', 45, 180]), { size: 500, sights })
  expect(svg).toContain('× 500<')
  // 224 pixels for 90°: 0.02° times 500 are 10°, 24.89 pixels towards the zenith.
  expect(svg).toContain('class="residual" d="M 250 138 L 250 162.89 ')
  // Altair was lower than computed: away from the zenith, which is downwards in the south.
  expect(svg).toContain('class="residual" d="M 250 362 L 250 374.44 ')
  expect(svg).toContain('class="sight" d="M 250 125.56 L 250 150.44 ')
})

test('a residual too small for an arrow head has no arrow, and a large one is not stretched', () => {
  const sky = dome(['vega', 45, 0])
  expect(renderSkyChart(sky, { sights: [{ body: 'vega', sigma: 0.01, residual: 0.0001 }] })).not.toContain(
    'class="residual"',
  )
  expect(renderSkyChart(sky, { sights: [{ body: 'vega', sigma: 1, residual: 40 }] })).toContain('× 1<')
})

test.each([
  ['of an unknown body', { body: 'x' }, 'bad-value', 'sights[0].body'],
  ['of a body below the horizon', { body: 'moon' }, 'bad-value', 'sights[0].body'],
  ['without a size of error', { sigma: 0 }, 'out-of-range', 'sights[0].sigma'],
  ['with an endless error', { sigma: Infinity }, 'out-of-range', 'sights[0].sigma'],
  ['without residual', { residual: NaN }, 'out-of-range', 'sights[0].residual'],
])('refuses a sight %s', (_, wrong, code, field) => {
  const sights = [{ body: 'sun', sigma: 0.01, residual: 0, ...wrong }]
  const draw = () => renderSkyChart(dome(['sun', 10, 0], ['moon', -10, 0]), { sights })
  expect(draw).toThrow(expect.objectContaining({ code, field }))
})

test('refuses more than 64 sights, and sights on a map', () => {
  const sight = { body: 'sun', sigma: 0.01, residual: 0 }
  const sights = Array.from({ length: 65 }, () => sight)
  const tooMany = () => renderSkyChart(dome(['sun', 10, 0]), { sights })
  expect(tooMany).toThrow(expect.objectContaining({ code: 'too-large', field: 'sights' }))
  const onMap = () =>
    renderSkyChart({ bodies: [{ name: 'sun', declination: 0, rightAscension: 0 }] }, { sights: [sight] })
  expect(onMap).toThrow(expect.objectContaining({ code: 'bad-value', field: 'sights[0].body' }))
})

test.each([
  ['too small', dome(), { size: 239 }, 'out-of-range', 'size'],
  ['too large', dome(), { size: 4097 }, 'out-of-range', 'size'],
  ['no number', dome(), { size: NaN }, 'out-of-range', 'size'],
  ['an unknown theme', dome(), { theme: 'sepia' as never }, 'bad-value', 'theme'],
  ['a long title', dome(), { title: 'x'.repeat(CHART_LIMITS.titleLength + 1) }, 'too-large', 'title'],
  ['a long name', dome(['x'.repeat(65), 0, 0]), {}, 'too-large', 'sky.bodies.name'],
  ['no name', { bodies: [{ altitude: 0, azimuth: 0 } as never] }, {}, 'too-large', 'sky.bodies.name'],
  ['no direction', dome(['sun', NaN, 0]), {}, 'non-finite', 'sky.sun'],
  ['no list', { bodies: null as never }, {}, 'bad-type', 'sky.bodies'],
  [
    'too many bodies',
    dome(...Array.from({ length: 129 }, (): [string, number, number] => ['x', 0, 0])),
    {},
    'too-large',
    'sky.bodies',
  ],
  [
    'two frames at once',
    { bodies: [...dome(['sun', 0, 0]).bodies, { name: 'moon', declination: 0, rightAscension: 0 }] },
    {},
    'bad-value',
    'sky.moon',
  ],
])('refuses %s', (_, sky, options, code, field) => {
  expect(() => renderSkyChart(sky, options)).toThrow(expect.objectContaining({ code, field }))
})
