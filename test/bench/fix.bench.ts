import { fixPosition, prepareSights, solveFix } from 'cosmic-embeddings/sky'
import { coverage, simulatedSights } from '../tools/simulate-fixes'
import type { Benchmark, BenchResult } from './benchmark'

const ROUNDS = 2000
const FIXES = 10_000
/** Half an arcminute in degrees. */
const SIGMA = 0.5 / 60
/** The target: microseconds for a fix of five sights. */
const TARGET = 20

const about = `Position fixes from sights. Five simulated stars a fix, altitudes between 15° and 75° with normal errors of 0.5′,
places all over the globe; body positions are prepared. The covered share is that of the true places that the 95 % ellipse
holds, over ${FIXES.toLocaleString('en-US')} fixes each. The ratio of the time is to the target of ${TARGET} µs; with ephemerides it has none.`

async function run(): Promise<BenchResult[]> {
  const rounds = simulatedSights(1, 5, SIGMA)
  const cases = Array.from({ length: ROUNDS }, () => rounds.next().value)
  const solve = () => {
    for (const { truth, sights } of cases) solveFix(sights, { start: truth })
  }
  const near = microseconds(solve)
  const time = Date.UTC(2026, 10, 22, 19)
  const real = ['vega', 'capella', 'fomalhaut', 'aldebaran', 'polaris'].map((body, i) => ({
    body,
    time: time + 60_000 * i,
    altitude: [36.4, 38.2, 9.1, 33.7, 48.4][i]!,
    sigma: SIGMA,
  }))
  if (!prepareSights(real).ok) throw new Error('the sights must be good')
  const whole = microseconds(() => {
    for (let i = 0; i < ROUNDS / 10; i++) fixPosition(real)
  })
  return [
    { case: '5 sights, prepared, near start', value: near, unit: 'µs/fix', ratios: { target: round(TARGET / near) } },
    { case: '5 stars with their ephemerides', value: round(whole * 10), unit: 'µs/fix', ratios: {} },
    ...[3, 5, 12].map(sights => coveredShare(sights)),
  ]
}

/** A run over `ROUNDS` items, the best of ten. */
function microseconds(pass: () => void): number {
  const times = Array.from({ length: 10 }, () => {
    const start = performance.now()
    pass()
    return performance.now() - start
  })
  return round((Math.min(...times) / ROUNDS) * 1000)
}

function coveredShare(sights: number): BenchResult {
  const { covered, fixes } = coverage(sights, FIXES, sights, SIGMA)
  return {
    case: `95 % ellipses of ${sights} sights`,
    value: round((covered / fixes) * 100),
    unit: '% covered',
    ratios: {},
  }
}

function round(value: number): number {
  return Number(value.toFixed(2))
}

export default { about, run } satisfies Benchmark
