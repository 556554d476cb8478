import { describe, expect, test } from 'vitest'
import type { Beacon } from '../../../src/block/index'
import { CosmicValidator, QUICKNET, type Policy, type Verdict } from '../../../src/validate/index'
import { quicknet, ROUNDS } from './evidence/beacons'
import { clock, placeless, statuses } from './blocks'

const round = ROUNDS[0]!
const published = quicknet.chain.genesis + (round.round - 1) * quicknet.chain.period
const ask: Policy = { clock, maxSkew: 30_000, rules: [{ name: 'fresh', require: { notBefore: { maxGap: 60_000 } } }] }

async function judged(
  gap: number,
  beacon: Beacon | undefined = round,
  policy = ask,
  explain = false,
): Promise<Verdict> {
  const made = await placeless({ time: published + gap, ...(beacon && { beacon }) })
  return new CosmicValidator(policy, { explain }).validate(made)
}
const checkOf = ({ checks }: Verdict) => checks.find(({ name }) => name === 'beacon')!

describe('a required beacon', () => {
  test('within its bounds: admitted, graded, explained', async () => {
    const verdict = await judged(60_000)
    expect(verdict).toMatchObject({ status: 'valid', admitted: true })
    const grade = { chain: quicknet.chain.hash, round: round.round, time: published, gap: 60_000 }
    expect(verdict.grades).toEqual({ notBefore: grade })
    expect(checkOf(verdict)).toMatchObject({ status: 'passed', residual: 60_000, tolerance: 60_000 })
    expect(verdict.summary).toContain(`made after ${new Date(published).toISOString()}, when its beacon round came out`)
  })

  test.each<[string, number, string]>([
    ['too long before the claimed time', 60_001, 'ms are allowed'],
    ['after the claimed time by more than clocks may differ', -30_001, 'cannot be true'],
  ])('%s: not admitted, with the grade', async (_, gap, message) => {
    const verdict = await judged(gap)
    expect(verdict).toMatchObject({ status: 'valid', admitted: false, code: 'beacon-gap', field: 'beacon' })
    expect(verdict.grades.notBefore).toMatchObject({ gap })
    const check = checkOf(verdict)
    expect(check).toMatchObject({ status: 'failed', code: 'beacon-gap', residual: gap, tolerance: 60_000 })
    expect(check.detail).toContain(message)
    expect(check.detail).toContain('(rule fresh)')
  })

  test('an author’s slow clock is borne as the policy’s skew', async () => {
    expect(await judged(-30_000)).toMatchObject({ admitted: true })
  })

  test('none there: missing-evidence', async () => {
    const made = await placeless({ time: published })
    const verdict = await new CosmicValidator(ask).validate(made)
    expect(verdict).toMatchObject({ admitted: false, code: 'missing-evidence', field: 'beacon' })
    expect(statuses(verdict)).toMatchObject({ beacon: 'skipped', policy: 'failed' })
  })

  test.each<[string, Partial<Beacon>, string, string]>([
    ['of another round', { round: round.round + 1 }, 'beacon-signature', 'beacon.signature'],
    ['at infinity', { signature: new Uint8Array(48).fill(0xc0, 0, 1) }, 'beacon-infinity', 'beacon.signature'],
    ['of the wrong chain', { chain: new Uint8Array(32) }, 'beacon-chain', 'beacon.chain'],
  ])('%s: its own code and sentence, and no grade', async (_, change, code, field) => {
    const verdict = await judged(0, { ...round, ...change })
    expect(verdict).toMatchObject({ status: 'valid', admitted: false, code, field, grades: {} })
    expect(verdict.grades).not.toHaveProperty('notBefore')
    expect(checkOf(verdict)).toMatchObject({ status: 'failed', code, field })
    expect(verdict.summary).toContain(checkOf(verdict).detail)
  })

  test('the policy names the chains', async () => {
    const other = { ...QUICKNET, hash: '00'.repeat(32) }
    expect(await judged(0, round, { ...ask, beacons: [other] })).toMatchObject({ code: 'beacon-chain' })
    expect(await judged(0, { ...round, chain: new Uint8Array(32) }, { ...ask, beacons: [other] })).toMatchObject({
      admitted: true,
      grades: { notBefore: { chain: other.hash } },
    })
  })
})

test('nobody asks: not checked, not graded; unless everything is to be explained', async () => {
  const forged = { ...round, round: round.round + 1 }
  const silent = await judged(0, forged, { clock })
  expect(silent).toMatchObject({ admitted: true, grades: {} })
  expect(checkOf(silent)).toMatchObject({ status: 'skipped', detail: 'no policy asked for it' })
  const explained = await judged(0, forged, { clock }, true)
  expect(explained).toMatchObject({ admitted: true })
  expect(checkOf(explained)).toMatchObject({ status: 'failed', code: 'beacon-signature' })
  expect(await judged(5, round, { clock }, true)).toMatchObject({ admitted: true, grades: { notBefore: { gap: 5 } } })
})

test('what fails before is not graded, unless everything is to be explained', async () => {
  const policy: Policy = { clock, require: { consistent: true, notBefore: { maxGap: 1 } } }
  const brief = await judged(0, round, policy)
  expect(brief).toMatchObject({ admitted: false, code: 'missing-evidence', field: 'sky' })
  expect(brief.grades).toEqual({})
  const full = await judged(0, round, policy, true)
  expect(full).toMatchObject({ admitted: false, field: 'sky', grades: { notBefore: { gap: 0 } } })
})

test.each<[string, unknown, string, string]>([
  ['too many', Array.from({ length: 17 }, () => QUICKNET), 'limit', 'beacons'],
  ['no key', [{ ...QUICKNET, publicKey: 'zz' }], 'bad-value', 'beacons[0].publicKey'],
  ['no chain', [7], 'bad-type', 'beacons[0]'],
])('beacons: %s', (_, beacons, code, field) => {
  expect(() => new CosmicValidator({ beacons } as Policy)).toThrow(expect.objectContaining({ code, field }))
})
