import type { CborValue } from '../../base/index'
import type { EquatorialBody, HorizontalBody, Sky } from '../../sky/index'
import { LIMITS } from '../limits'
import { asMap, integer, refuse, text, type Codec } from './codec'
import { name } from './names'
import { record, required } from './record'

/** Arcseconds. */
const QUARTER = 324_000
const CIRCLE = 1_296_000

/** A body's name and its two angles: altitude and azimuth, or declination and right ascension. */
type Sighting = readonly [name: string, latitude: number, longitude: number]

export const bodyName = text(LIMITS.name, /^[a-z0-9][a-z0-9 '.-]*$/)
const latitude = integer(-QUARTER, QUARTER)
const longitude = integer(0, CIRCLE - 1)

const angles: Codec<readonly [number, number]> = {
  read(value, path) {
    if (!Array.isArray(value)) refuse('bad-type', path, { hint: 'two angles' })
    if (value.length !== 2) refuse('wrong-length', path, { limit: 2 })
    const [first, second] = value as [CborValue, CborValue]
    return [latitude.read(first, `${path}[0]`), longitude.read(second, `${path}[1]`)]
  },
  write: ([first, second], path) => [latitude.write(first, `${path}[0]`), longitude.write(second, `${path}[1]`)],
}

const sightings: Codec<readonly Sighting[]> = {
  read(value, path) {
    const map = asMap(value, path)
    if (map.size === 0) refuse('bad-value', path, { hint: 'not empty; leave the sky out' })
    if (map.size > LIMITS.bodies) refuse('too-large', path, { limit: LIMITS.bodies })
    return [...map].map(([key, pair]): Sighting => {
      const body = bodyName.read(key, path)
      return [body, ...angles.read(pair, `${path}.${body}`)]
    })
  },
  write(value, path) {
    const map = new Map(value.map(([body, ...pair]) => [body, angles.write(pair, `${path}.${body}`)]))
    if (map.size !== value.length) refuse('bad-value', path, { hint: 'no repetitions' })
    return map
  },
}

const wireSky = record<{ profile: string; bodies: readonly Sighting[] }>({
  profile: required('profile', name),
  bodies: required('bodies', sightings),
})

/** The sky as it stands on the wire: which angles it holds is said by the presence of a place, not by itself. */
export const skyWith = (hasPlace: boolean): Codec<Sky> => ({
  read(value, path) {
    const { profile, bodies } = wireSky.read(value, path)
    return Object.freeze(
      hasPlace
        ? { profile, frame: 'horizontal', bodies: Object.freeze(bodies.map(toHorizontal)) }
        : { profile, frame: 'equatorial', bodies: Object.freeze(bodies.map(toEquatorial)) },
    )
  },
  write(sky, path) {
    const frame = hasPlace ? 'horizontal' : 'equatorial'
    if (sky.frame !== frame)
      refuse('bad-value', `${path}.frame`, { hint: `${frame} ${hasPlace ? 'with' : 'without'} a place` })
    const bodies = sky.frame === 'horizontal' ? sky.bodies.map(fromHorizontal) : sky.bodies.map(fromEquatorial)
    return wireSky.write({ profile: sky.profile, bodies }, path)
  },
})

const toHorizontal = ([body, altitude, azimuth]: Sighting): HorizontalBody =>
  Object.freeze({ name: body, altitude, azimuth })
const fromHorizontal = (body: HorizontalBody): Sighting => [body.name, body.altitude, body.azimuth]
const toEquatorial = ([body, declination, rightAscension]: Sighting): EquatorialBody =>
  Object.freeze({ name: body, declination, rightAscension })
const fromEquatorial = (body: EquatorialBody): Sighting => [body.name, body.declination, body.rightAscension]
