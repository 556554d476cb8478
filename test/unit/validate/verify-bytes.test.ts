import { describe, expect, test } from 'vitest'
import { decodeBlock } from '../../../src/block/index'
import { verifySignature } from '../../../src/signer/index'
import { observeSky, SKY_BODIES, type HorizontalBody, type Sky } from '../../../src/sky/index'
import { CosmicValidator, restoreVerified } from '../../../src/validate/index'
import { alice, block, bob, clock, NOW, resigned, statuses, vienna } from './blocks'

const validator = new CosmicValidator({ clock })

describe('only the bytes are believed', () => {
  test('the fields of a block object are not', async () => {
    const made = await block()
    const verdict = await validator.validate({ ...made, author: bob.did, time: 0, id: 'bafyother' })
    expect(verdict).toMatchObject({ status: 'valid', block: { author: alice.did, time: made.time, id: made.id } })
  })

  test('a block object around bad bytes is invalid', async () => {
    const made = await block()
    const bytes = made.bytes.slice()
    bytes[bytes.length - 1]! ^= 1
    expect(await validator.validate({ ...made, bytes })).toMatchObject({ status: 'invalid', code: 'bad-signature' })
  })

  test('bytes that the caller changes while they are judged do not reach the verdict', async () => {
    const bytes = (await block()).bytes.slice()
    const pending = validator.validate(bytes)
    const before = bytes.slice()
    bytes.fill(0)
    const verdict = await pending
    expect(verdict.status === 'valid' && verdict.block.bytes).toEqual(before)
  })

  test('many at once, of many lengths, do not get into each other’s way', async () => {
    const made = await Promise.all(
      Array.from({ length: 100 }, (_, i) => block({ embedding: new Float32Array(1 + 80 * i).fill(i) })),
    )
    const envelopes = made.flatMap(({ bytes }, i) => [bytes, i % 7 === 0 ? bytes.with(bytes.length - 1, i) : bytes])
    const verdicts = await Promise.all(envelopes.map(bytes => validator.validate(bytes)))
    const expected = made.flatMap((_, i) => ['valid', i % 7 === 0 ? 'invalid' : 'valid'])
    expect(verdicts.map(({ status }) => status)).toEqual(expected)
  })
})

describe('form', () => {
  test.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['nothing', () => new Uint8Array(), 'truncated'],
    ['truncated', bytes => bytes.subarray(0, bytes.length - 1), 'truncated'],
    ['trailing bytes', bytes => Uint8Array.of(...bytes, 0), 'trailing-bytes'],
    ['too large', () => new Uint8Array(262_145), 'too-large'],
    ['no envelope', () => Uint8Array.of(0xa0), 'bad-envelope'],
  ])('%s', async (_, spoil, code) => {
    const verdict = await validator.validate(spoil((await block()).bytes))
    expect(verdict).toMatchObject({ status: 'invalid', code, grades: {} })
    expect(verdict).not.toHaveProperty('block')
    const { form, ...rest } = statuses(verdict)
    expect(form).toBe('failed')
    expect(new Set(Object.values(rest))).toEqual(new Set(['skipped']))
    expect(verdict.summary).toContain(code)
  })
})

describe('identity and signature', () => {
  const key = (first: number, middle: number, last: number) =>
    Uint8Array.of(first, ...new Uint8Array(30).fill(middle), last)
  /** R = the neutral element, S = 0. */
  const constantSignature = Uint8Array.of(1, ...new Uint8Array(63))
  const imposter = (publicKey: Uint8Array) => ({ publicKey, did: '', sign: async () => constantSignature })

  test('under ZIP-215 one signature signs everything for a key of order 1: why keys are checked', async () => {
    expect(await verifySignature(key(1, 0, 0), new TextEncoder().encode('anything'), constantSignature)).toBe(true)
  })

  test.each([
    ['order 1', { publicKey: key(1, 0, 0) }],
    ['order 4', { publicKey: key(0, 0, 0) }],
    ['order 2', { publicKey: key(0xec, 0xff, 0x7f) }],
    ['a second encoding of y = 0', { publicKey: key(0xed, 0xff, 0x7f) }],
    ['a second encoding of y = 1', { publicKey: key(0xee, 0xff, 0x7f) }],
  ])('a weak author key is refused before its signature: %s', async (_, { publicKey }) => {
    const verdict = await validator.validate((await block({}, imposter(publicKey))).bytes)
    expect(verdict).toMatchObject({ status: 'invalid', code: 'bad-author-key', field: 'author' })
    expect(statuses(verdict)).toMatchObject({ form: 'passed', author: 'failed', signature: 'skipped' })
  })

  test('a block signed by somebody else', async () => {
    const forger = { publicKey: alice.publicKey, did: alice.did, sign: (message: Uint8Array) => bob.sign(message) }
    const verdict = await validator.validate((await block({}, forger)).bytes)
    expect(verdict).toMatchObject({ status: 'invalid', code: 'bad-signature', field: 'signature' })
    expect(statuses(verdict)).toMatchObject({ author: 'passed', signature: 'failed', sky: 'skipped' })
  })
})

describe('a false sky', () => {
  const time = NOW - 60_000
  const honest = observeSky({ time, place: vienna })
  const bodies = honest.bodies as readonly HorizontalBody[]
  const claim = (changed: readonly HorizontalBody[]): Sky => ({
    profile: honest.profile,
    frame: 'horizontal',
    bodies: changed,
  })

  test.each(SKY_BODIES)('%s moved by 2″ is named', async name => {
    const sky = claim(bodies.map(body => (body.name === name ? { ...body, altitude: body.altitude - 2 } : body)))
    const verdict = await validator.validate((await block({ sky })).bytes)
    expect(verdict).toMatchObject({ status: 'invalid', code: 'sky-mismatch', field: `sky.${name}`, grades: {} })
    expect(statuses(verdict)).toMatchObject({ signature: 'passed', sky: 'failed', kind: 'skipped', policy: 'skipped' })
    expect(verdict.summary).toContain('does not fit the claimed time and place')
  })

  test.each<[string, Parameters<typeof observeSky>[0]]>([
    ['40 m north', { time, place: { ...vienna, latitude: vienna.latitude + 40 / 111_200 } }],
    ['40 m east', { time, place: { ...vienna, longitude: vienna.longitude + 40 / 74_300 } }],
    ['0.1 s later', { time: time + 100, place: vienna }],
    ['another city', { time, place: { latitude: 40.7, longitude: -74 } }],
    ['another day', { time: time - 86_400_000, place: vienna }],
  ])('the sky of %s', async (_, moment) => {
    const verdict = await validator.validate((await block({ sky: observeSky(moment) })).bytes)
    expect(verdict).toMatchObject({
      status: 'invalid',
      code: 'sky-mismatch',
      field: expect.stringMatching(/^sky\.[a-z]+$/),
    })
  })

  test.each<[string, Sky, string]>([
    ['one body missing', claim(bodies.slice(1)), 'sky.sun'],
    ['a body too many', claim([...bodies, { name: 'pluto', altitude: 0, azimuth: 0 }]), 'sky.bodies'],
    ['a body renamed', claim([...bodies.slice(0, 6), { ...bodies[6]!, name: 'titan' }]), 'sky.saturn'],
  ])('%s', async (_, sky, field) => {
    const verdict = await validator.validate((await block({ sky })).bytes)
    expect(verdict).toMatchObject({ status: 'invalid', code: 'sky-mismatch', field })
    expect(verdict.summary).toContain('not the bodies of its profile')
  })

  test('time or place changed after the fact', async () => {
    const made = await block()
    const later = await resigned(made, payload => payload.set('time', made.time + 1000))
    expect(await validator.validate(later)).toMatchObject({ status: 'invalid', code: 'sky-mismatch' })
    const nowhere = await resigned(made, payload => payload.delete('place'))
    expect(await validator.validate(nowhere)).toMatchObject({ status: 'invalid', code: 'sky-mismatch' })
  })

  test('a sky of an unknown profile cannot be judged: valid, not admitted', async () => {
    const verdict = await validator.validate((await block({ sky: { ...honest, profile: 'other-sky-9' } })).bytes)
    expect(verdict).toMatchObject({
      status: 'valid',
      admitted: false,
      code: 'unknown-profile',
      field: 'sky.profile',
      grades: {},
    })
    expect(statuses(verdict)).toMatchObject({ sky: 'skipped', policy: 'skipped' })
    const detail = (of: typeof verdict) => of.checks.find(({ name }) => name === 'sky')!.detail
    expect(detail(verdict)).toMatch(/the 7 bodies that we know are up to 0\.\d″ off, within the 45″ between profiles/)
    const wide = { ...claim(bodies.map(body => ({ ...body, altitude: body.altitude - 60 }))), profile: 'other-sky-9' }
    expect(detail(await validator.validate((await block({ sky: wide })).bytes))).toContain('beyond the 45″')
  })
})

describe('a sky with stars, and that of a coarse place', () => {
  const time = NOW - 60_000
  const sky = observeSky({ time, place: vienna, stars: true })

  test('are verified', async () => {
    const starry = await validator.validate((await block({ sky: { stars: true } })).bytes)
    expect(starry).toMatchObject({ status: 'valid', admitted: true })
    expect(Object.keys(starry.grades.consistent!.residuals)).toEqual(sky.bodies.map(({ name }) => name))
    const coarse = await validator.validate((await block({ place: { ...vienna, grid: 0.1 } })).bytes)
    expect(coarse).toMatchObject({ status: 'valid', admitted: true, block: { place: { grid: 0.1 } } })
    expect(coarse.grades.consistent!.worst).toBeLessThan(0.7072)
  })

  test('are refused where they are not exactly that', async () => {
    const bodies = sky.bodies.filter(({ name }) => name !== 'vega')
    const partial = await validator.validate((await block({ sky: { ...sky, bodies } as Sky })).bytes)
    expect(partial).toMatchObject({ status: 'invalid', code: 'sky-mismatch', field: 'sky.vega' })
    const exact = observeSky({ time, place: vienna })
    const telling = await validator.validate((await block({ place: { ...vienna, grid: 0.1 }, sky: exact })).bytes)
    expect(telling).toMatchObject({ status: 'invalid', code: 'sky-mismatch' })
  })
})

describe('restoreVerified', () => {
  test('reopens what was verified before', async () => {
    const made = await block()
    expect(restoreVerified(made.bytes)).toEqual(decodeBlock(made.bytes))
  })

  test('damaged bytes are a refusal, not a throw', async () => {
    expect(restoreVerified(Uint8Array.of(0xff))).toMatchObject({ ok: false, error: { code: expect.any(String) } })
  })
})
