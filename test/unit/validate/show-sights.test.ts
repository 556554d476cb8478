import { expect, test } from 'vitest'
import { Signer } from '../../../src/signer/index'
import { CosmicValidator, type Policy, type Verdict } from '../../../src/validate/index'
import { device, sightedBlock, time, vienna } from './sighted-blocks'
import { placeless } from './blocks'

const other = await Signer.generate()
const clock = { now: () => time + 60_000 }
const judged = async (policy: Policy, explain = false, block = sightedBlock(vienna)): Promise<Verdict> =>
  new CosmicValidator({ clock, ...policy }, { explain }).validate(await block)
const observedBy = (...devices: string[]): Policy => ({ require: { observed: { devices } } })
const checkOf = ({ checks }: Verdict) => checks.find(({ name }) => name === 'sights')!

test('sights of a device that the policy names: observed', async () => {
  const verdict = await judged(observedBy(other.did, device.did))
  expect(verdict).toMatchObject({ status: 'valid', admitted: true, grades: { observed: { device: device.did } } })
  expect(verdict.grades).not.toHaveProperty('selfReported')
  expect(checkOf(verdict)).toMatchObject({ status: 'passed', residual: expect.any(Number) })
  expect(verdict.summary).toContain('if the device that the policy trusts is to be believed')
})

test('of any other: self-reported, and refused', async () => {
  const verdict = await judged(observedBy(other.did))
  expect(verdict).toMatchObject({ admitted: false, code: 'untrusted-device', field: 'sights.device' })
  expect(verdict.grades).toMatchObject({ selfReported: { grade: 'self-reported' } })
  expect(verdict.grades).not.toHaveProperty('observed')
  expect(checkOf(verdict)).toMatchObject({ status: 'failed', code: 'untrusted-device' })
})

test('that contradict the claimed place: their own code', async () => {
  const elsewhere = sightedBlock(vienna, { ...vienna, latitude: 49 })
  const verdict = await judged(observedBy(device.did), false, elsewhere)
  expect(verdict).toMatchObject({ status: 'valid', admitted: false, code: 'sight-mismatch', grades: {} })
  expect(verdict.summary).toContain(checkOf(verdict).detail)
})

test('none: missing-evidence', async () => {
  const verdict = await judged(observedBy(device.did), false, placeless({ time }))
  expect(verdict).toMatchObject({ admitted: false, code: 'missing-evidence', field: 'sights' })
})

test('nobody asks: not graded, unless everything is to be explained; then never observed', async () => {
  expect(checkOf(await judged({}))).toMatchObject({ status: 'skipped', detail: 'no policy asked for it' })
  const verdict = await judged({}, true)
  expect(verdict).toMatchObject({ admitted: true, grades: { selfReported: { device: device.did } } })
  expect(verdict.summary).toContain('which anyone can make up')
})
