import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../../src/base/index'
import { createBlock, type Block } from '../../../../src/block/index'
import { gradeSights } from '../../../../src/validate/index'
import { sightOf } from '../../sky/sight-samples'
import { author, device, observedAt, sightedBlock, time, vienna } from '../sighted-blocks'

const trusted = new Set([device.did])
const nobody = new Set<string>()
const east = (metres: number) => ({
  ...vienna,
  longitude: vienna.longitude + metres / 111_320 / Math.cos((vienna.latitude * Math.PI) / 180),
})
const north = (metres: number) => ({ ...vienna, latitude: vienna.latitude + metres / 111_200 })

async function failure(block: Block) {
  const graded = await gradeSights(block, trusted)
  return graded === undefined || graded.ok ? undefined : graded.error
}

describe('the grade', () => {
  test('observed by a device that the policy trusts', async () => {
    const graded = unwrap((await gradeSights(await sightedBlock(vienna), trusted))!)
    expect(graded).toMatchObject({ grade: 'observed', device: device.did })
    expect(graded.distance).toBeLessThan(20)
    expect(graded.confidence).toBeLessThan(0.01)
    expect(graded.fix.ellipse.confidence).toBe(0.99)
    expect(graded.fix).not.toHaveProperty('alternatives')
  })

  test('self-reported by any other, the author’s own key too', async () => {
    const block = await sightedBlock(vienna)
    for (const others of [nobody, new Set([author.did])]) {
      expect(unwrap((await gradeSights(block, others))!).grade).toBe('self-reported')
    }
  })

  test('none where there are no sights', async () => {
    const block = await createBlock({ embedding: [1], model: 'acme:embed-1', time, place: vienna }, author)
    expect(await gradeSights(block, trusted)).toBeUndefined()
    const opaque = { ...block, opaque: true } as unknown as Block
    expect(await gradeSights(opaque, trusted)).toBeUndefined()
  })
})

describe('the claimed place is held against the ellipse', () => {
  test.each([500, 1000])('%i m off it is still within', async metres => {
    const graded = unwrap((await gradeSights(await sightedBlock(vienna, north(metres)), trusted))!)
    expect(Math.abs(graded.distance - metres)).toBeLessThan(metres / 100)
  })

  test.each([5000, 50_000, 500_000])('%i m off it is not', async metres => {
    const refused = await failure(await sightedBlock(vienna, north(metres)))
    expect(refused).toMatchObject({ code: 'sight-mismatch', field: 'place', limit: 0.99 })
    expect(refused!.message).toMatch(/^the claimed place is \d+ m from where/)
  })

  test('nor is it eastward, where half a second of UT1 − UTC is allowed for', async () => {
    expect(await failure(await sightedBlock(vienna, east(5000)))).toMatchObject({ code: 'sight-mismatch' })
    const { confidence } = unwrap((await gradeSights(await sightedBlock(vienna, east(1000)), trusted))!)
    const { confidence: northward } = unwrap((await gradeSights(await sightedBlock(vienna, north(1000)), trusted))!)
    expect(confidence).toBeGreaterThan(0)
    expect(northward).toBeGreaterThan(0)
  })

  test('the confidence decides where the edge is', async () => {
    const block = await sightedBlock(vienna, north(1500))
    const { confidence } = unwrap((await gradeSights(block, trusted, { confidence: 0.999 }))!)
    expect((await gradeSights(block, trusted, { confidence: confidence - 0.01 }))!.ok).toBe(false)
    expect((await gradeSights(block, trusted, { confidence: confidence + 0.0001 }))!.ok).toBe(true)
  })

  test('of a coarse place the whole cell is claimed, and no more', async () => {
    const { time: at, ...rest } = await sightedBlock(vienna)
    const cell = { latitude: 48.2, longitude: 16.4, accuracy: 12_000, grid: 0.1 } as const
    for (const [metres, ok] of [
      [9000, true],
      [30_000, false],
    ] as const) {
      const { signSights } = await import('../../../../src/block/index')
      const sights = await signSights(observedAt(north(metres)), { author: author.did, time: at, place: cell }, device)
      const fields = { embedding: [1], model: 'acme:embed-1', time: at, place: cell, sky: false, sights } as const
      const block = await createBlock({ ...fields, allowSightsWithCoarsePlace: true }, author)
      expect((await gradeSights(block, trusted))!.ok, `${metres} m, not ${rest.id}`).toBe(ok)
    }
  })
})

describe('sights that show nothing', () => {
  test('signed for another author, time, place, or changed', async () => {
    const block = await sightedBlock(vienna)
    const { sights } = block
    const [first, ...others] = sights!.sights
    const forgeries: Partial<typeof block>[] = [
      { author: device.did },
      { time: time + 1 },
      { place: north(1) },
      { place: { ...vienna, elevation: 0 } },
      { sights: { ...sights!, sights: others } },
      { sights: { ...sights!, sights: [{ ...first!, altitude: first!.altitude + 1 / 36_000 }, ...others] } },
      { sights: { ...sights!, device: author.did } },
      { sights: { ...sights!, signature: sights!.signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) } },
    ]
    expect(await failure(block)).toBeUndefined()
    for (const forgery of forgeries) {
      expect(await failure({ ...block, ...forgery })).toMatchObject({
        code: 'bad-signature',
        field: 'sights.signature',
        message: 'the device did not sign these sights for this author, time and place',
      })
    }
  })

  test('signed by a key that anyone can sign for', async () => {
    const block = await sightedBlock(vienna)
    const { didKey } = await import('../../../../src/signer/index')
    const neutral = didKey(Uint8Array.of(1, ...new Uint8Array(31)))
    const forged = { ...block, sights: { ...block.sights!, device: neutral } }
    expect(await failure(forged)).toMatchObject({ code: 'bad-author-key', field: 'sights.device' })
  })

  test('two places fit', async () => {
    const block = await sightedBlock(vienna, vienna, observedAt(vienna).slice(1, 3))
    expect(await failure(block)).toMatchObject({
      code: 'poor-geometry',
      field: 'sights',
      message: 'the sights fit 2 places: one sight more would decide',
    })
  })

  test('they contradict each other', async () => {
    const [first, ...others] = observedAt(vienna)
    const block = await sightedBlock(vienna, vienna, [{ ...first!, altitude: first!.altitude + 0.5 }, ...others])
    expect(await failure(block)).toMatchObject({ code: 'sight-mismatch', field: 'sights' })
  })

  test('a body was below the horizon', async () => {
    const saturn = { body: 'saturn', time, altitude: 10, sigma: 0.01 }
    const block = await sightedBlock(vienna, vienna, [...observedAt(vienna), saturn])
    expect(await failure(block)).toMatchObject({
      code: 'below-horizon',
      field: 'sights.sights[4]',
      message: 'saturn stood 9° below the horizon of the claimed place',
    })
  })

  test('a body that nobody knows, and one that was not to be seen by day', async () => {
    const nibiru = { ...sightOf('sun', time, vienna), body: 'nibiru' }
    const unknown = await sightedBlock(vienna, vienna, [nibiru, ...observedAt(vienna)])
    expect(await failure(unknown)).toMatchObject({ code: 'unknown-body', field: 'sights.sights[0].body' })
    const mars = await sightedBlock(vienna, vienna, [...observedAt(vienna), sightOf('mars', time, vienna)])
    expect(await failure(mars)).toMatchObject({ code: 'daylight', field: 'sights.sights[4]' })
  })
})
