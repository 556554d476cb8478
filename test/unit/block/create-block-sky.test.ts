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
