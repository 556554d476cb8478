import { didKey, parseDidKey } from '../../signer/index'
import type { Limb } from '../../sky/index'
import { LIMITS } from '../limits'
import type { SignedSight, SignedSights } from '../sights-types'
import { bytes, integer, list, oneOf, refuse, scaled, withCheck, type Codec } from './codec'
import { time } from './names'
import { optional, record, required } from './record'
import { bodyName } from './sky'

/** Wire units, tenths of an arcsecond, in a degree and in a circle. */
const DEGREE = 36_000
const CIRCLE = 360 * DEGREE

const tenths = integer(0, CIRCLE - 1)

/** From 0 up to, not including, the full circle: one writing of north. */
const azimuth: Codec<number> = {
  read: (value, path) => tenths.read(value, path) / DEGREE,
  write(value, path) {
    if (typeof value !== 'number') refuse('bad-type', path, { hint: 'a number' })
    return tenths.write(Math.round(value * DEGREE) % CIRCLE, path)
  },
}

/** Absence is the only writing of `false`. */
const truth: Codec<boolean> = {
  read: (value, path) => value === true || refuse(value === false ? 'bad-value' : 'bad-type', path, { hint: 'true' }),
  write: value => value,
}

const sight = withCheck(
  record<SignedSight>({
    body: required('body', bodyName),
    time: required('time', time),
    altitude: required('alt', scaled(DEGREE, -1, 90)),
    sigma: required('sigma', scaled(DEGREE, 1 / DEGREE, 5)),
    azimuth: optional('az', azimuth),
    azimuthSigma: optional('azSigma', scaled(DEGREE, 1 / DEGREE, 30)),
    limb: optional('limb', oneOf<Limb>('lower', 'upper')),
    heightOfEye: optional('eye', scaled(100, 0, 300)),
    pressure: optional('pres', scaled(10, 200, 1100)),
    temperature: optional('temp', scaled(10, -90, 60)),
    corrected: optional('corr', truth),
  }),
  (read, path) => {
    if ((read.azimuth === undefined) === (read.azimuthSigma === undefined)) return
    refuse('missing-field', `${path}.${read.azimuth === undefined ? 'azimuth' : 'azimuthSigma'}`)
  },
)

export const sightList = list(sight, LIMITS.sights, read => `${read.time} ${read.body}`)

/** did:key text in the API, the key itself on the wire. */
const device: Codec<string> = {
  read: (value, path) => didKey(bytes(32).read(value, path)),
  write(value, path) {
    const key = parseDidKey(value)
    return key.ok ? key.value : refuse('bad-did', path)
  },
}

/** What a device observed, and its signature (docs/spec/sky.md, "Sights"). */
export const sights = record<SignedSights>({
  device: required('device', device),
  signature: required('sig', bytes(64)),
  sights: required('list', sightList),
})
