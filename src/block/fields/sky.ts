import type { CborValue } from '../../base/index'
import type { EquatorialBody, HorizontalBody, Sky } from '../../sky/index'
import { LIMITS } from '../limits'
import { asMap, integer, refuse, text, type Codec } from './codec'
import { name } from './names'
import { record, required } from './record'

/** Arcseconds. */
const QUARTER = 324_000
const CIRCLE = 1_296_000

export const bodyName = text(LIMITS.name, /^[a-z0-9][a-z0-9 '.-]*$/)
const latitude = integer(-QUARTER, QUARTER)
const longitude = integer(0, CIRCLE - 1)

/** Altitude and azimuth, or declination and right ascension. */
type Angles = readonly [latitude: number, longitude: number]

const angles: Codec<Angles> = {
  read(value, path) {
    if (!Array.isArray(value)) refuse('bad-type', path, { hint: 'two angles' })
    if (value.length !== 2) refuse('wrong-length', path, { limit: 2 })
    const [first, second] = value as [CborValue, CborValue]
    return [latitude.read(first, `${path}[0]`), longitude.read(second, `${path}[1]`)]
  },
  write: ([first, second], path) => [latitude.write(first, `${path}[0]`), longitude.write(second, `${path}[1]`)],
}

/** How one body stands in the API. */
interface Shape<Body> {
  make(name: string, latitude: number, longitude: number): Body
  anglesOf(body: Body): Angles
}

const HORIZONTAL: Shape<HorizontalBody> = {
  make: (name, altitude, azimuth) => Object.freeze({ name, altitude, azimuth }),
  anglesOf: ({ altitude, azimuth }) => [altitude, azimuth],
}

const EQUATORIAL: Shape<EquatorialBody> = {
  make: (name, declination, rightAscension) => Object.freeze({ name, declination, rightAscension }),
  anglesOf: ({ declination, rightAscension }) => [declination, rightAscension],
}

/** Every block with a place has some, so what is right is read without a path, which only a refusal needs. */
function bodiesAs<Body extends { readonly name: string }>({ make, anglesOf }: Shape<Body>): Codec<readonly Body[]> {
  return {
    read(value, path) {
      const map = asMap(value, path)
      if (map.size === 0) refuse('bad-value', path, { hint: 'not empty; leave the sky out' })
      if (map.size > LIMITS.bodies) refuse('too-large', path, { limit: LIMITS.bodies })
      const bodies: Body[] = []
      for (const [key, pair] of map) {
        const name = bodyName.read(key, path)
        const [first, second] = isDirection(pair) ? pair : angles.read(pair, `${path}.${name}`)
        bodies.push(make(name, first, second))
      }
      return Object.freeze(bodies)
    },
    write(bodies, path) {
      const map = new Map(
        bodies.map(body => [body.name, angles.write(anglesOf(body), `${path}.${body.name}`)] as const),
      )
      if (map.size !== bodies.length) refuse('bad-value', path, { hint: 'no repetitions' })
      return map
    },
  }
}

function isDirection(pair: CborValue): pair is Angles {
  if (!Array.isArray(pair) || pair.length !== 2) return false
  const [first, second] = pair as readonly CborValue[]
  return (
    typeof first === 'number' &&
    typeof second === 'number' &&
    Math.abs(first) <= QUARTER &&
    second >= 0 &&
    second < CIRCLE
  )
}

type Bodies = Sky['bodies']

const wireSky = (bodies: Codec<Bodies>) =>
  record<{ profile: string; bodies: Bodies }>({
    profile: required('profile', name),
    bodies: required('bodies', bodies),
  })

/** The sky as it stands on the wire: which angles it holds is said by the presence of a place, not by itself. */
function skyIn(frame: Sky['frame'], bodies: Codec<Bodies>): Codec<Sky> {
  const wire = wireSky(bodies)
  const hint = `${frame} ${frame === 'horizontal' ? 'with' : 'without'} a place`
  return {
    read(value, path) {
      const { profile, bodies } = wire.read(value, path)
      return Object.freeze({ profile, frame, bodies }) as Sky
    },
    write(sky, path) {
      if (sky.frame !== frame) refuse('bad-value', `${path}.frame`, { hint })
      return wire.write({ profile: sky.profile, bodies: sky.bodies }, path)
    },
  }
}

const HORIZONTAL_SKY = skyIn('horizontal', bodiesAs(HORIZONTAL) as Codec<Bodies>)
const EQUATORIAL_SKY = skyIn('equatorial', bodiesAs(EQUATORIAL) as Codec<Bodies>)

/** The codec of a sky of a block with a place, or without. */
export const skyWith = (hasPlace: boolean): Codec<Sky> => (hasPlace ? HORIZONTAL_SKY : EQUATORIAL_SKY)
