import { describe, expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { observeSky } from '../../../src/sky/index'
import { base, refusal, signer, time } from './making'

describe('the sky of a block', () => {
  const place = { latitude: 48.208_212_34, longitude: 16.373_8, elevation: 151.234, accuracy: 10 }
  const signed = { latitude: 48.208_212_3, longitude: 16.373_8, elevation: 151.23, accuracy: 10 }

  test('is that of the place as signed', async () => {
    const block = await createBlock({ ...base, place }, signer)
    expect(block.place).toEqual(signed)
    const { profile, bodies } = observeSky({ time, place: signed })
    expect(block.sky).toMatchObject({ profile, frame: 'horizontal' })
    expect([...block.sky!.bodies].sort(byName)).toEqual([...bodies].sort(byName))
  })

  test('is left out on wish', async () => {
    const block = await createBlock({ ...base, place, sky: false }, signer)
    expect(block.place).toEqual(signed)
    expect(block.sky).toBeUndefined()
  })

  test('is geocentric without a place', async () => {
    const block = await createBlock({ ...base, sky: true }, signer)
    const { bodies } = observeSky({ time })
    expect(block.sky!.frame).toBe('equatorial')
    expect([...block.sky!.bodies].sort(byName)).toEqual([...bodies].sort(byName))
  })

  test('holds the stars on wish', async () => {
    const block = await createBlock({ ...base, place, sky: { stars: true } }, signer)
    const { bodies } = observeSky({ time, place: signed, stars: true })
    expect(bodies.length).toBeGreaterThan(20)
    expect([...block.sky!.bodies].sort(byName)).toEqual([...bodies].sort(byName))
    expect((await createBlock({ ...base, sky: { stars: true } }, signer)).sky!.bodies).toHaveLength(65)
    expect((await createBlock({ ...base, sky: { stars: false } }, signer)).sky!.bodies).toHaveLength(7)
  })

  test('of a coarse place is that of the grid point, which is all that is signed', async () => {
    const block = await createBlock({ ...base, place: { ...place, grid: 0.01 } }, signer)
    const point = { latitude: 48.21, longitude: 16.37, accuracy: 1200, grid: 0.01 } as const
    expect(block.place).toEqual(point)
    const { bodies } = observeSky({ time, place: { latitude: 48.21, longitude: 16.37 } })
    expect([...block.sky!.bodies].sort(byName)).toEqual([...bodies].sort(byName))
  })

  test.each([
    [{ grid: 0.02 }, 'bad-value', 'place.grid'],
    [{ grid: NaN }, 'non-finite', 'place.grid'],
    [{ latitude: 95, grid: 1 }, 'out-of-range', 'place.latitude'],
    [{ latitude: NaN, grid: 1 }, 'non-finite', 'place.latitude'],
    [{ elevation: 20_000, grid: 1 }, 'out-of-range', 'place.elevation'],
    [{ accuracy: -1, grid: 1 }, 'out-of-range', 'place.accuracy'],
  ])('a coarse place is refused like any other: %j', async (change, code, field) => {
    expect(await refusal({ ...base, place: { ...place, ...change } })).toMatchObject({ code, field })
  })

  test('is signed as it is when handed in, true or false', async () => {
    const sky = {
      profile: 'ce-sky-1',
      frame: 'horizontal',
      bodies: [{ name: 'sun', altitude: 1, azimuth: 2 }],
    } as const
    expect((await createBlock({ ...base, place, sky }, signer)).sky).toEqual(sky)
    expect(await refusal({ ...base, sky })).toMatchObject({ code: 'bad-value', field: 'sky.frame' })
    const twice = { ...sky, bodies: [...sky.bodies, ...sky.bodies] }
    expect(await refusal({ ...base, place, sky: twice })).toMatchObject({ code: 'bad-value', field: 'sky.bodies' })
  })
})

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)
