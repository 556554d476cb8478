import fc from 'fast-check'
import { expect, test } from 'vitest'
import { observeSky, renderSkyChart, type ChartSky } from '../../src/sky/index'

const vienna = { time: Date.UTC(2026, 5, 20, 21), place: { latitude: 48.2082, longitude: 16.3738 } }

/** The chart as the browser reads it when it stands by itself. */
function parse(svg: string): Document {
  return new DOMParser().parseFromString(svg, 'image/svg+xml')
}

test('a chart of any names and directions is well-formed, and none of them becomes markup', () => {
  const direction = fc.record({
    altitude: fc.integer({ min: -324_000, max: 324_000 }),
    azimuth: fc.integer({ min: 0, max: 1_295_999 }),
  })
  const name = fc.string({
    unit: fc.constantFrom(...'<>&"\'/x é😀]-', '\0', '\u001b', '\ud800', '\uffff'),
    maxLength: 20,
  })
  const bodies = fc.array(fc.tuple(name, direction), { maxLength: 20 })
  fc.assert(
    fc.property(bodies, name, (bodies, title) => {
      const sky: ChartSky = { bodies: bodies.map(([name, direction]) => ({ name, ...direction })) }
      const document = parse(renderSkyChart(sky, { title }))
      expect(document.querySelector('parsererror')).toBeNull()
      const written = [...title].map(letter => ('\0\u001b\ud800\uffff'.includes(letter) ? '\ufffd' : letter)).join('')
      expect(document.querySelector('title')!.textContent).toBe(written)
      expect(document.querySelectorAll('script, image, foreignObject, a')).toHaveLength(0)
    }),
    { numRuns: 200 },
  )
})

test.each([
  ['dome', observeSky(vienna)],
  ['map', observeSky({ time: vienna.time })],
])('every name of the %s stands inside the drawing at every size, in the browser’s own font', (_, sky) => {
  for (const size of [240, 480, 1_000]) {
    document.body.innerHTML = renderSkyChart(sky, { size })
    const frame = document.querySelector('svg')!.getBoundingClientRect()
    const outside = [...document.querySelectorAll('svg text')].filter(text => {
      const { left, right, bottom, width } = text.getBoundingClientRect()
      return width === 0 || left < frame.left || right > frame.right || bottom > frame.bottom
    })
    expect(outside.map(text => `${size}: ${text.textContent}`)).toEqual([])
  }
})

test('it draws as an image, without script, and leaves the page around it as it is', async () => {
  const image = new Image()
  image.src = URL.createObjectURL(new Blob([renderSkyChart(observeSky(vienna))], { type: 'image/svg+xml' }))
  await image.decode()
  expect(image.naturalWidth).toBe(480)

  document.body.innerHTML = '<p>text</p>'
  const before = getComputedStyle(document.querySelector('p')!).fontSize
  document.body.insertAdjacentHTML('beforeend', renderSkyChart(observeSky(vienna)))
  expect(getComputedStyle(document.querySelector('p')!).fontSize).toBe(before)
})
