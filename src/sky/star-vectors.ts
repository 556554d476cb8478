import { C_AUDAY } from 'astronomy-engine'
import { STAR_CATALOGUE } from './star-catalogue'

/** Epoch of the catalogue, J1991.25, in days of TT from J2000. */
const EPOCH = -8.75 * 365.25
const DAYS_A_YEAR = 365.25
const DEGREE = Math.PI / 180
const MILLIARCSECOND = DEGREE / 3_600_000
/** Schwarzschild radius of the Sun in AU. */
const SUN_RADIUS = 1.97412574336e-8
/** 1 − cos 4.6′: nearer to the centre of the Sun's disc the deflection, of a star that nobody sees, grows no more. */
const DEFLECTION_LIMIT = 9e-7

type Vector = readonly [x: number, y: number, z: number]

/** What the direction of a star hangs on, apart from the star. */
export interface StarFrame {
  /** Days of TT from J2000. */
  readonly tt: number
  /** Rotation from the equator of J2000 to the true equator of date, row by row. */
  readonly rotation: ArrayLike<number>
  /** Heliocentric position and velocity of the Earth, equator of J2000, in AU and AU a day: x, y, z, vx, vy, vz. */
  readonly earth: ArrayLike<number>
}

/**
 * Apparent geocentric directions of the catalogue's stars: unit vectors on the true equator and equinox of date, three
 * numbers a star. Space motion without radial velocity, annual parallax, deflection by the Sun and aberration follow P. K.
 * Seidelmann (ed.), Explanatory Supplement to the Astronomical Almanac, 1992, section 3.3; the Sun stands for the
 * barycentre, which costs at most 0.02″.
 */
export function starVectors(frame: StarFrame): Float64Array {
  const catalogue = (places ??= STAR_CATALOGUE.map(starPlace))
  const out = new Float64Array(3 * catalogue.length)
  const [x, y, z, vx, vy, vz] = Array.from(frame.earth)
  const earth: Vector = [x!, y!, z!]
  const velocity: Vector = [vx! / C_AUDAY, vy! / C_AUDAY, vz! / C_AUDAY]
  catalogue.forEach((star, index) => {
    const direction = bentBySun(seenFrom(earth, star, frame.tt - EPOCH), earth)
    out.set(rotated(frame.rotation, aberrated(direction, velocity)), 3 * index)
  })
  return out
}

/** Direction at the epoch, motion in radians a day, and parallax in radians. */
interface StarPlace {
  readonly direction: Vector
  readonly motion: Vector
  readonly parallax: number
}

/** Made on first use. */
let places: readonly StarPlace[] | undefined

function starPlace([, ra, dec, east, north, parallax]: (typeof STAR_CATALOGUE)[number]): StarPlace {
  const [sinRa, cosRa] = [Math.sin(ra * DEGREE), Math.cos(ra * DEGREE)]
  const [sinDec, cosDec] = [Math.sin(dec * DEGREE), Math.cos(dec * DEGREE)]
  const [e, n] = [east, north].map(motion => (motion * MILLIARCSECOND) / DAYS_A_YEAR) as [number, number]
  return {
    direction: [cosDec * cosRa, cosDec * sinRa, sinDec],
    motion: [-e * sinRa - n * sinDec * cosRa, e * cosRa - n * sinDec * sinRa, n * cosDec],
    parallax: parallax * MILLIARCSECOND,
  }
}

function seenFrom(earth: Vector, { direction, motion, parallax }: StarPlace, days: number): Vector {
  const x = direction[0] + days * motion[0] - parallax * earth[0]
  const y = direction[1] + days * motion[1] - parallax * earth[1]
  const z = direction[2] + days * motion[2] - parallax * earth[2]
  const length = Math.sqrt(x * x + y * y + z * z)
  return [x / length, y / length, z / length]
}

/** A star is seen farther from the Sun than it stands (supplement, equation 3.26-3). */
function bentBySun([x, y, z]: Vector, [ex, ey, ez]: Vector): Vector {
  const distance = Math.sqrt(ex * ex + ey * ey + ez * ez)
  const along = (x * ex + y * ey + z * ez) / distance
  const bend = SUN_RADIUS / distance / Math.max(1 + along, DEFLECTION_LIMIT)
  const [away, back] = [bend / distance, 1 - bend * along]
  return [back * x + away * ex, back * y + away * ey, back * z + away * ez]
}

/** Aberration by the formula of special relativity, velocity in units of that of light (supplement, equation 3.252-3). */
function aberrated([x, y, z]: Vector, [vx, vy, vz]: Vector): Vector {
  const dot = x * vx + y * vy + z * vz
  const inverseGamma = Math.sqrt(1 - (vx * vx + vy * vy + vz * vz))
  const [own, added] = [inverseGamma / (1 + dot), (1 + dot / (1 + inverseGamma)) / (1 + dot)]
  return [own * x + added * vx, own * y + added * vy, own * z + added * vz]
}

function rotated(rows: ArrayLike<number>, [x, y, z]: Vector): Vector {
  return [
    rows[0]! * x + rows[1]! * y + rows[2]! * z,
    rows[3]! * x + rows[4]! * y + rows[5]! * z,
    rows[6]! * x + rows[7]! * y + rows[8]! * z,
  ]
}
