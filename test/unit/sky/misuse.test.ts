import { describe, expect, test } from 'vitest'
import { CosmicError, unwrap } from '../../../src/base/index'
import { allCandidates, EXHAUSTIVE } from '../../../src/sky/fix-candidates'
import {
  altitudeAt,
  compareSkies,
  describeSky,
  distanceFromFix,
  fixPosition,
  isCoarse,
  observeSky,
  prepareSights,
  renderSkyChart,
  SkyChecker,
  snapPlace,
  solveFix,
  verifySky,
} from '../../../src/sky/index'
import { sightOf, upAt } from './sight-samples'

const place = { latitude: 48.2082, longitude: 16.3738, elevation: 0 }
const time = Date.UTC(2026, 5, 21, 13)
const moment = { time, place }
const sky = observeSky(moment)
const sights = upAt(place, time, 6, 5)
const prepared = unwrap(prepareSights(sights))
const fix = unwrap(fixPosition(sights))

/** The code and field of a refusal, thrown or answered. */
function refusal(call: () => unknown): string {
  try {
    const answer = call() as { ok?: boolean; error?: { code: string; field?: string } }
    return answer?.ok === false ? `${answer.error!.code} ${answer.error!.field}` : 'none'
  } catch (error) {
    return error instanceof CosmicError ? `${error.code} ${error.field}` : `raw: ${String(error)}`
  }
}

describe.each([null, 5, 'x'])('%j in place of what is meant', value => {
  const wrong = value as never

  test.each<[string, () => unknown, string]>([
    ['options of a fix', () => fixPosition(sights, wrong), 'options'],
    ['options of a solution', () => solveFix(prepared, wrong), 'options'],
    ['prepared sights', () => solveFix(wrong), 'sights'],
    ['a prepared sight', () => solveFix([prepared[0]!, wrong]), 'sights[1]'],
    ['a sight', () => fixPosition([sights[0]!, wrong]), 'sights[1]'],
    ['a sight whose altitude is asked', () => altitudeAt(wrong, place), 'sight'],
    ['the direction of a sight', () => altitudeAt({ direction: wrong } as never, place), 'sight.direction'],
    ['the place of an altitude', () => altitudeAt(prepared[0]!, wrong), 'place'],
    ['a fix', () => distanceFromFix(wrong, place), 'fix'],
    ['the place of a fix', () => distanceFromFix({ ...fix, place: wrong }, place), 'place'],
    ['a covariance', () => distanceFromFix({ ...fix, covariance: wrong }, place), 'fix.covariance'],
    ['a claimed place', () => distanceFromFix(fix, wrong), 'place'],
    ['a place to snap', () => snapPlace(wrong), 'place'],
    ['a place that may be coarse', () => isCoarse(wrong), 'place'],
    ['bodies to describe', () => describeSky({ ...sky, bodies: wrong }, moment), 'sky.bodies'],
    ['a body to describe', () => describeSky({ ...sky, bodies: [wrong] }, moment), 'sky.bodies[0]'],
    ['a body to verify', () => verifySky({ ...sky, bodies: [wrong] }, moment), 'sky.bodies[0]'],
    ['a body to compare', () => compareSkies(sky, { ...sky, bodies: [wrong] }), 'computed.bodies[0]'],
    ['a sky to check', () => new SkyChecker().verify(wrong, moment), 'sky'],
    ['bodies to check', () => new SkyChecker().verify({ ...sky, bodies: wrong }, moment), 'sky.bodies'],
    [
      'a body to check',
      () => new SkyChecker().verify({ ...sky, bodies: [...sky.bodies.slice(1), wrong] } as never, moment),
      'sky.bodies[6]',
    ],
    ['a moment to check', () => new SkyChecker().verify(sky, wrong), 'moment'],
    ['a body to draw', () => renderSkyChart({ bodies: [wrong] }), 'sky.bodies[0]'],
    ['sights to draw', () => renderSkyChart(sky, { sights: wrong }), 'sights'],
    ['a sight to draw', () => renderSkyChart(sky, { sights: [wrong] }), 'sights[0]'],
  ])('%s', (_, call, field) => {
    expect(refusal(call)).toBe(`bad-type ${field}`)
  })
})

test.each<[string, () => unknown, string]>([
  ['a start on a grid that is not published', () => snapPlace({ ...place, grid: 5 as never }), 'bad-value place.grid'],
  ['a place beyond the pole', () => snapPlace({ latitude: 91, longitude: 0, grid: 1 }), 'out-of-range place.latitude'],
  ['a text for a confidence', () => solveFix(prepared, { confidence: '0.95' as never }), 'out-of-range confidence'],
  ['a title that is none', () => renderSkyChart(sky, { title: 5 as never }), 'bad-type title'],
  ['a limb without a text', () => fixPosition([{ ...sights[0]!, limb: {} as never }]), 'bad-value sights[0].limb'],
  [
    'a direction that is none',
    () => describeSky({ ...sky, bodies: [{ name: 'sun', altitude: NaN, azimuth: 0 }] } as never, moment),
    'non-finite sky.sun',
  ],
  [
    'variances of no ellipse',
    () => distanceFromFix({ place, covariance: { north: 1, east: 1, northEast: 1 } }, place),
    'non-finite fix.covariance',
  ],
  ['a radius that is none', () => distanceFromFix(fix, place, NaN), 'out-of-range slack'],
])('%s', (_, call, expected) => {
  expect(refusal(call)).toBe(expected)
})

test.each(['__proto__', 'constructor', 'toString'])('a body named %s is drawn as any star', name => {
  const svg = renderSkyChart({ bodies: [{ name, altitude: 200_000, azimuth: 0 }] })
  expect(svg).toContain('class="star"')
  expect(svg).toMatch(/ r="1\.6"/)
})

test('the antipode of a fix is as far as can be', () => {
  const { latitude, longitude } = fix.place
  const off = distanceFromFix(fix, { latitude: -latitude, longitude: longitude - 180 })
  expect(off.confidence).toBe(1)
  expect(off.distance).toBeGreaterThan(2e7)
})

test('many contradicting sights by an unknown clock are begun from a bounded number of places', () => {
  const many = Array.from({ length: 64 }, (_, i) => ({
    ...sightOf('moon', time + i * 1000, place),
    altitude: (i * 37) % 90,
  }))
  const starts = allCandidates(unwrap(prepareSights(many)), EXHAUSTIVE.unknownClock)
  expect(starts.length).toBeLessThanOrEqual(30)
})
