import { observeSky, verifySky, type Place } from '../../../src/sky/index'

/** Metres of one degree of latitude, and of longitude at the equator (WGS-84, to a tenth of a percent). */
const METRES_PER_DEGREE = 111_320
/** Bisections: the answer is exact to a millionth of the largest shift tried. */
const STEPS = 30

interface Moment {
  readonly time: number
  readonly place: Place
}

/** A way to be off, and the largest amount that is tried. */
interface Shift {
  readonly name: string
  readonly unit: string
  readonly largest: number
  apply(moment: Moment, amount: number): Moment
}

const east = ({ time, place }: Moment, metres: number): Moment => {
  const perDegree = METRES_PER_DEGREE * Math.cos((place.latitude * Math.PI) / 180)
  return { time, place: { ...place, longitude: wrap(place.longitude + metres / perDegree) } }
}
const later = ({ time, place }: Moment, seconds: number): Moment => ({ time: time + seconds * 1000, place })

/** The Earth's turn against the stars and against the Sun, in degrees a second. */
const SIDEREAL = 360 / 86_164.0905

export const SHIFTS: readonly Shift[] = [
  { name: 'time alone', unit: 's', largest: 10, apply: later },
  {
    name: 'place alone, northward',
    unit: 'm',
    largest: 10_000,
    apply: ({ time, place }, metres) => ({
      time,
      place: { ...place, latitude: place.latitude + metres / METRES_PER_DEGREE },
    }),
  },
  { name: 'place alone, eastward', unit: 'm', largest: 10_000, apply: east },
  {
    name: 'elevation alone',
    unit: 'm',
    largest: 9_000,
    apply: ({ time, place }, metres) => ({ time, place: { ...place, elevation: metres } }),
  },
  {
    name: 'time, with the place moved west to keep the stars where they are',
    unit: 's',
    largest: 600,
    apply: (moment, seconds) => {
      const { time, place } = later(moment, seconds)
      return { time, place: { ...place, longitude: wrap(place.longitude - seconds * SIDEREAL) } }
    },
  },
]

/** For one way to be off: how far the sky of the true moment goes unnoticed, over many moments. */
export interface Forgery {
  readonly name: string
  readonly unit: string
  readonly median: number
  /** The 95th percentile. */
  readonly high: number
  readonly worst: number
}

/**
 * Takes honest skies at random moments, years 1950 to 2050 and latitudes within 65°, and moves the claim away from them
 * until verification refuses: the smallest shift that is caught, to within its bisection.
 */
export function measureForgeries(samples: number, seed: number): Forgery[] {
  const random = generator(seed)
  const moments = Array.from({ length: samples }, (): Moment => {
    const time = Math.floor(Date.UTC(1950, 0, 1) + random() * (Date.UTC(2050, 0, 1) - Date.UTC(1950, 0, 1)))
    const latitude = (Math.asin((random() * 2 - 1) * Math.sin((65 * Math.PI) / 180)) * 180) / Math.PI
    return { time, place: { latitude, longitude: random() * 360 - 180, elevation: 0 } }
  })
  return SHIFTS.map(shift => {
    const caught = moments.map(moment => smallestCaught(shift, moment)).sort((a, b) => a - b)
    const at = (share: number) => caught[Math.min(samples - 1, Math.floor(share * samples))]!
    return { name: shift.name, unit: shift.unit, median: at(0.5), high: at(0.95), worst: caught.at(-1)! }
  })
}

/** Infinite when even the largest shift goes unnoticed. */
function smallestCaught(shift: Shift, moment: Moment): number {
  const sky = observeSky(moment)
  const isCaught = (amount: number) => !verifySky(sky, shift.apply(moment, amount)).matches
  if (!isCaught(shift.largest)) return Infinity
  let [missed, caught] = [0, shift.largest]
  for (let step = 0; step < STEPS; step++) {
    const middle = (missed + caught) / 2
    if (isCaught(middle)) caught = middle
    else missed = middle
  }
  return caught
}

function wrap(longitude: number): number {
  return ((((longitude + 180) % 360) + 360) % 360) - 180
}

/** Numerical Recipes' quick generator: enough to scatter samples, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}
