import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCanonical, encodeCanonical, unwrap } from '../../src/base/index'
import {
  createBlock,
  decodeBlock,
  fromJSON,
  openEnvelope,
  signSights,
  toJSON,
  verifySights,
} from '../../src/block/index'
import { Signer } from '../../src/signer/index'
import type { Sight } from '../../src/sky/index'
import { gradeSights } from '../../src/validate/index'

const author = await Signer.fromSeed(new Uint8Array(32).fill(1))
const device = await Signer.fromSeed(new Uint8Array(32).fill(2))
const time = 1_700_000_000_000
const place = { latitude: 48.2, longitude: 16.4 }
const claim = { author: author.did, time, place }

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const sight = fc
  .record(
    {
      body: fc.constantFrom('sun', 'moon', 'venus', 'vega', 'rigil kentaurus', 'nibiru'),
      time: fc.integer({ min: time - 86_400_000, max: time + 86_400_000 }),
      altitude: between(-1, 90),
      sigma: between(0.0001, 5),
      bearing: fc.tuple(between(0, 360), between(0.0001, 30)),
      limb: fc.constantFrom('lower', 'upper', 'centre'),
      heightOfEye: between(0, 300),
      pressure: between(200, 1100),
      temperature: between(-90, 60),
      corrected: fc.boolean(),
    },
    { requiredKeys: ['body', 'time', 'altitude', 'sigma'] },
  )
  .map(({ bearing, ...rest }) => (bearing ? { ...rest, azimuth: bearing[0], azimuthSigma: bearing[1] } : rest))
const sights = fc.uniqueArray(sight, { selector: ({ body, time: at }) => `${body} ${at}`, minLength: 1, maxLength: 8 })

test('signed sights are decoded alike, canonical, survive JSON, and are judged without throwing', async () => {
  await fc.assert(
    fc.asyncProperty(sights, async taken => {
      const signed = await signSights(taken as Sight[], claim, device)
      const block = await createBlock({ embedding: [1], model: 'a:b', time, place, sky: false, sights: signed }, author)
      expect(unwrap(decodeBlock(block.bytes))).toEqual(block)
      expect(unwrap(fromJSON(JSON.parse(JSON.stringify(toJSON(block)))))).toEqual(block)
      const { payload } = unwrap(openEnvelope(block.bytes))
      expect(encodeCanonical(unwrap(decodeCanonical(payload)))).toEqual(new Uint8Array(payload))
      expect(await verifySights(block.sights!, claim)).toBe(true)
      const graded = (await gradeSights(block, new Set([device.did])))!
      if (!graded.ok) expect(graded.error.message, graded.error.code).toBeDefined()
    }),
    { numRuns: 60 },
  )
})

test('no change of what a device signed stays unnoticed', async () => {
  const [first, second] = [
    { body: 'sun', time, altitude: 20, sigma: 0.01 },
    { body: 'moon', time, altitude: 30, sigma: 0.01 },
  ]
  const signed = await signSights([first, second], claim, device)
  await fc.assert(
    fc.asyncProperty(fc.nat(63), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const signature = signed.signature.map((byte, i) => (i === at ? byte ^ flip : byte))
      expect(await verifySights({ ...signed, signature }, claim)).toBe(false)
    }),
    { numRuns: 40 },
  )
})
