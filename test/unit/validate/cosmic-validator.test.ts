import { describe, expect, test } from 'vitest'
import { FORMAT_VERSION } from '../../../src/block/index'
import { observeSky, SKY_BODIES } from '../../../src/sky/index'
import { CosmicValidator, DEFERRAL_WINDOW, type Policy } from '../../../src/validate/index'
import { alice, block, clock, NOW, placeless, resigned, statuses, vienna } from './blocks'

const validator = new CosmicValidator({ clock })
const withPolicy = (policy: Policy) => new CosmicValidator({ clock, ...policy })

describe('a good block', () => {
  test('with a sky: valid, admitted, consistent', async () => {
    const made = await block()
    const verdict = await validator.validate(made.bytes)
    expect(verdict).toMatchObject({ status: 'valid', admitted: true })
    expect(verdict.status === 'valid' && verdict.block).toEqual(made)
    const asked = ['form', 'author', 'signature', 'sky', 'kind', 'time', 'policy']
    const unasked = ['identity', 'versions', 'beacon', 'witnesses', 'proofs', 'sights']
    expect(verdict.checks.map(check => check.name)).toEqual([...asked.slice(0, 6), ...unasked, 'policy'])
    for (const { name, status, detail } of verdict.checks) {
      expect(status, name).toBe(asked.includes(name) ? 'passed' : 'skipped')
      expect(detail, name).not.toBe('')
    }
    expect(verdict.checks[3]).toMatchObject({ residual: verdict.grades.consistent!.worst, tolerance: 1 })
    const { consistent } = verdict.grades
    expect(consistent).toMatchObject({ profile: 'ce-sky-1', tolerance: 1 })
    expect(consistent!.worst).toBeLessThan(0.7072)
    expect(Object.keys(consistent!.residuals).sort()).toEqual([...SKY_BODIES].sort())
  })

  test.each<[string, Parameters<typeof block>[0]]>([
    ['with a coarse place', { place: { latitude: 48, longitude: 16, accuracy: 50_000 } }],
    ['at the pole', { place: { latitude: 90, longitude: 0 } }],
    ['of 1970', { time: 0 }],
    ['of a place between two steps of the wire', { place: { latitude: 1 / 3, longitude: -200 / 3, elevation: 1 / 7 } }],
  ])('%s', async (_, fields) => {
    const verdict = await validator.validate((await block(fields)).bytes)
    expect(verdict).toMatchObject({ status: 'valid', admitted: true, grades: { consistent: { tolerance: 1 } } })
  })

  test('without a place: the geocentric sky', async () => {
    const made = await placeless({ sky: true })
    expect(made).toMatchObject({ sky: { frame: 'equatorial' } })
    const verdict = await validator.validate(made.bytes)
    expect(verdict).toMatchObject({ status: 'valid', admitted: true, grades: { consistent: { tolerance: 1 } } })
  })

  test('without a sky: valid and admitted, and no grade', async () => {
    const verdict = await validator.validate((await block({ sky: false })).bytes)
    expect(verdict).toMatchObject({ status: 'valid', admitted: true, grades: {} })
    expect(statuses(verdict).sky).toBe('skipped')
    expect(verdict.summary).toContain('no sky')
  })

  test('the summary never claims more than consistency', async () => {
    const { summary } = await validator.validate((await block()).bytes)
    expect(summary).toMatch(
      /^Valid and admitted: .* consistent with the claimed time and place .* anyone can compute\.$/,
    )
    expect(summary).not.toMatch(/prove|true|was there/)
  })

  test('validating without a policy uses the runtime’s clock', async () => {
    const verdict = await new CosmicValidator().validate((await block({ time: Date.now() })).bytes)
    expect(verdict).toMatchObject({ status: 'valid', admitted: true })
  })
})

describe('kinds of another version', () => {
  const opaque = async (time = NOW - 60_000) =>
    resigned(await block({ time }), payload => {
      payload.set('kind', 'weather')
      payload.set('sky', 'whatever')
    })

  test.each(['kind', 'version'])(
    'an unknown %s is valid, opaque and not admitted, whatever the policy says',
    async what => {
      const bytes =
        what === 'kind'
          ? await opaque()
          : await resigned(await block(), payload => payload.set('v', FORMAT_VERSION + 1))
      const verdict = await withPolicy({ admit: () => true }).validate(bytes)
      expect(verdict).toMatchObject({
        status: 'valid',
        admitted: false,
        code: 'unknown-kind',
        field: 'kind',
        block: { opaque: true },
      })
      expect(statuses(verdict)).toMatchObject({
        signature: 'passed',
        sky: 'skipped',
        kind: 'failed',
        time: 'passed',
        policy: 'skipped',
      })
    },
  )

  test('its signature is checked', async () => {
    const bytes = await opaque()
    bytes[bytes.length - 1]! ^= 1
    expect(await validator.validate(bytes)).toMatchObject({ status: 'invalid', code: 'bad-signature' })
  })

  test('dated in the future it is deferred, like any other', async () => {
    const verdict = await validator.validate(await opaque(NOW + 3_600_000))
    expect(verdict).toMatchObject({ status: 'deferred', block: { opaque: true } })
  })
})

describe('time', () => {
  const minute = 60_000
  const at = async (time: number, policy: Policy = {}) =>
    withPolicy(policy).validate((await block({ time, sky: false })).bytes)

  test('the skew bound is inclusive; one millisecond more is deferred until it is due', async () => {
    expect(await at(NOW + 10 * minute)).toMatchObject({ status: 'valid', admitted: true })
    const verdict = await at(NOW + 10 * minute + 1)
    expect(verdict).toMatchObject({ status: 'deferred', until: NOW + 1, block: { time: NOW + 10 * minute + 1 } })
    expect(verdict).not.toHaveProperty('code')
    expect(statuses(verdict)).toMatchObject({ signature: 'passed', time: 'failed', policy: 'skipped' })
    expect(verdict.summary).toMatch(/^Valid but deferred: dated 2026-11-22T18:10:00\.001Z/)
  })

  test('when it is due it is admitted', async () => {
    const { bytes } = await block({ time: NOW + 10 * minute + 1, sky: false })
    expect(await new CosmicValidator({ clock: { now: () => NOW + 1 } }).validate(bytes)).toMatchObject({
      admitted: true,
    })
  })

  test('up to 24 h beyond the bound it may wait; later it is time-future', async () => {
    const bound = NOW + 10 * minute + DEFERRAL_WINDOW
    expect(await at(bound)).not.toHaveProperty('code')
    expect(await at(bound + 1)).toMatchObject({ status: 'deferred', code: 'time-future' })
    expect(await at(4_102_444_800_000)).toMatchObject({ status: 'deferred', code: 'time-future' })
  })

  test('the policy sets the bound', async () => {
    expect(await at(NOW, { maxSkew: 0 })).toMatchObject({ admitted: true })
    expect(await at(NOW + 1, { maxSkew: 0 })).toMatchObject({ status: 'deferred', until: NOW + 1 })
  })

  test('a false sky of the future is invalid, not deferred: verification comes first', async () => {
    const sky = observeSky({ time: NOW, place: vienna })
    const verdict = await validator.validate((await block({ time: NOW + 3_600_000, sky })).bytes)
    expect(verdict).toMatchObject({ status: 'invalid', code: 'sky-mismatch' })
  })

  test('an expired block is valid and not admitted, from the instant it names', async () => {
    const fields = { time: NOW - minute, sky: false } as const
    expect(await validator.validate((await block({ ...fields, expires: NOW + 1 })).bytes)).toMatchObject({
      admitted: true,
    })
    const verdict = await validator.validate((await block({ ...fields, expires: NOW })).bytes)
    expect(verdict).toMatchObject({ status: 'valid', admitted: false, code: 'expired', field: 'expires' })
  })
})

describe('policy', () => {
  test.each<[string, Policy, string]>([
    ['author', { authors: { deny: [alice.did] } }, 'author'],
    ['kind', { kinds: ['translator'] }, 'kind'],
    ['model', { models: ['acme:embed-2'] }, 'embedding.model'],
    ['admit', { admit: () => false }, 'admit'],
    [
      'admit that throws',
      {
        admit: () => {
          throw new Error('down')
        },
      },
      'admit',
    ],
  ])('%s: valid, not admitted, with the field', async (_, policy, field) => {
    const verdict = await withPolicy(policy).validate((await block()).bytes)
    expect(verdict).toMatchObject({
      status: 'valid',
      admitted: false,
      code: 'policy',
      field,
      grades: { consistent: {} },
    })
    expect(statuses(verdict).policy).toBe('failed')
    expect(verdict.summary).toMatch(/^Valid but not admitted here \(policy, field /)
  })

  test('a required sky', async () => {
    const strict = withPolicy({ require: { consistent: true } })
    expect(await strict.validate((await block()).bytes)).toMatchObject({ admitted: true })
    expect(await strict.validate((await block({ sky: false })).bytes)).toMatchObject({
      admitted: false,
      code: 'missing-evidence',
      field: 'sky',
    })
  })

  test('the tightest clock skew of the rules for a block holds', async () => {
    const validator = withPolicy({ rules: [{ when: { tags: ['sensor'] }, maxSkew: 1_000 }, { maxSkew: 86_400_000 }] })
    const at = async (time: number, tags: string[]) =>
      validator.validate((await block({ time, tags, sky: false })).bytes)
    expect(await at(NOW + 1_000, ['sensor'])).toMatchObject({ status: 'valid', admitted: true })
    const verdict = await at(NOW + 1_001, ['sensor'])
    expect(verdict).toMatchObject({ status: 'deferred', until: NOW + 1 })
    expect(verdict.checks[5]).toMatchObject({
      status: 'failed',
      code: 'time-future',
      residual: 1_001,
      tolerance: 1_000,
    })
    expect(await at(NOW + 600_000, ['other'])).toMatchObject({ status: 'valid', admitted: true })
    expect(await at(NOW + 600_001, ['other'])).toMatchObject({ status: 'deferred' })
  })

  test('a refusal of one’s own keeps its code, and a missing one is policy', async () => {
    const refusing = (code: 'limit' | undefined) => withPolicy({ admit: () => ({ code, field: 'tags' }) as never })
    expect(await refusing('limit').validate((await block()).bytes)).toMatchObject({
      admitted: false,
      code: 'limit',
      field: 'tags',
    })
    expect(await refusing(undefined).validate((await block()).bytes)).toMatchObject({ admitted: false, code: 'policy' })
  })

  test('it is never asked about what is invalid or deferred', async () => {
    let asked = 0
    const counting = withPolicy({ admit: () => ++asked > 0 })
    await counting.validate(new Uint8Array(3))
    await counting.validate((await block({ time: NOW + 3_600_000 })).bytes)
    expect(asked).toBe(0)
    await counting.validate((await block()).bytes)
    expect(asked).toBe(1)
  })

  test('an impossible policy is refused when it is given', () => {
    expect(() => new CosmicValidator({ maxSkew: -1 })).toThrow(
      expect.objectContaining({ code: 'out-of-range', field: 'maxSkew' }),
    )
  })
})
