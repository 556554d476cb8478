import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import {
  createBlock,
  decodeBlock,
  LIMITS,
  signSights,
  toJSON,
  verifySights,
  type EmbeddingBlock,
} from '../../../src/block/index'
import type { Sight } from '../../../src/sky/index'
import { unpack, validBlocks } from '../../tools/block-vectors/read'
import { author, device, observedAt, sightedBlock, time, vienna } from '../validate/sighted-blocks'

const claim = { author: author.did, time, place: vienna }
const fields = { embedding: [1, 2], model: 'acme:embed-1', time, place: vienna, sky: false } as const
const sun: Sight = { body: 'sun', time, altitude: 40, sigma: 0.01 }

async function refusal(change: object, sights: readonly Sight[] = [sun]) {
  try {
    await createBlock({ ...fields, sights: await signSights(sights, claim, device), ...change }, author)
  } catch (error) {
    return error
  }
  return undefined
}

test('sights come back from the bytes as they were signed', async () => {
  const full: Sight = {
    ...sun,
    azimuth: 359.999_999,
    azimuthSigma: 0.5,
    limb: 'lower',
    heightOfEye: 3.25,
    pressure: 1012.3,
    temperature: -7.5,
  }
  const sights = await signSights(
    [full, { ...sun, time: new Date(time + 1000), limb: 'centre', corrected: true }],
    claim,
    device,
  )
  const block = await createBlock({ ...fields, sights }, author)
  expect(unwrap(decodeBlock(block.bytes))).toEqual(block)
  expect(block.sights).toEqual(sights)
  expect(block.sights!.sights).toEqual([
    { ...full, azimuth: 0 },
    { ...sun, time: time + 1000, corrected: true },
  ])
  expect(toJSON(block).sights).toMatchObject({ device: device.did, sights: [{ body: 'sun', heightOfEye: 3.25 }, {}] })
  expect(await verifySights(block.sights!, block as never)).toBe(true)
})

test('altitudes are rounded to a tenth of an arcsecond before the device signs', async () => {
  const { sights } = await signSights([{ ...sun, altitude: 40.000_01 }], claim, device)
  expect(sights[0]!.altitude).toBe(40)
})

describe('createBlock refuses', () => {
  test('sights that were signed for another block', async () => {
    for (const change of [{ time: time + 1 }, { place: { ...vienna, latitude: 48 } }]) {
      expect(await refusal(change)).toMatchObject({ code: 'bad-signature', field: 'sights.signature' })
    }
  })

  test('sights without a place', async () => {
    expect(await refusal({ place: undefined })).toMatchObject({ code: 'missing-field', field: 'place' })
  })

  test('sights with a coarse place, which they would betray, unless that is allowed', async () => {
    const place = { ...vienna, grid: 0.1 } as const
    const sights = await signSights([sun], { ...claim, place }, device)
    const coarse = { ...fields, place, sights }
    await expect(createBlock(coarse, author)).rejects.toMatchObject({ code: 'reveals-place', field: 'sights' })
    const allowed = await createBlock({ ...coarse, allowSightsWithCoarsePlace: true }, author)
    expect(allowed.place!.latitude).toBe(48.2)
    expect(allowed.sights).toEqual(sights)
  })

  test('a sight of another day', async () => {
    const at = (distance: number) => [{ ...sun, time: time + distance }]
    expect(await refusal({}, at(LIMITS.sightDistance))).toBeUndefined()
    expect(await refusal({}, at(-LIMITS.sightDistance))).toBeUndefined()
    for (const distance of [LIMITS.sightDistance + 1, -LIMITS.sightDistance - 1]) {
      expect(await refusal({}, at(distance))).toMatchObject({ code: 'out-of-range', field: 'sights.sights[0].time' })
    }
  })
})

describe('signSights refuses', () => {
  test.each<[string, object, string, string]>([
    ['NaN', { altitude: NaN }, 'non-finite', 'altitude'],
    ['an azimuth alone', { azimuth: 10 }, 'missing-field', 'azimuthSigma'],
    ['a deviation of nothing', { sigma: 0 }, 'out-of-range', 'sigma'],
    ['more than overhead', { altitude: 91 }, 'out-of-range', 'altitude'],
    ['a name that no body can have', { body: 'Sun' }, 'bad-value', 'body'],
    ['a limb that is none', { limb: 'left' }, 'bad-value', 'limb'],
    ['a field that is none', { corrected: 'yes' }, 'bad-type', 'corrected'],
  ])('%s', async (_, change, code, field) => {
    const signed = signSights([sun, { ...sun, time: time + 1, ...change } as Sight], claim, device)
    await expect(signed).rejects.toMatchObject({ code, field: `sights[1].${field}` })
  })

  test('a body twice at one time, none, and too many', async () => {
    await expect(signSights([sun, sun], claim, device)).rejects.toMatchObject({ code: 'bad-value', field: 'sights' })
    await expect(signSights([], claim, device)).rejects.toMatchObject({ code: 'bad-value', field: 'sights' })
    const many = Array.from({ length: LIMITS.sights + 1 }, (_, i) => ({ ...sun, time: time + i }))
    await expect(signSights(many, claim, device)).rejects.toMatchObject({ code: 'too-large', limit: LIMITS.sights })
    expect((await signSights(many.slice(1), claim, device)).sights).toHaveLength(LIMITS.sights)
  })
})

test('observed sights survive the wire well enough for a fix', async () => {
  const block = await sightedBlock(vienna)
  observedAt(vienna).forEach(({ altitude }, i) => {
    expect(Math.abs(block.sights!.sights[i]!.altitude - altitude) * 36_000).toBeLessThanOrEqual(0.5 + 1e-6)
  })
})

test('the message that a device signs is the one of the specification', async () => {
  const vector = validBlocks.find(({ name }) => name === 'sights')!
  const block = unwrap(decodeBlock(unpack(vector.envelope))) as EmbeddingBlock
  expect(await verifySights(block.sights!, { author: block.author, time: block.time, place: block.place! })).toBe(true)
})
