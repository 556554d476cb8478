import type { Failure } from '../base/index'
import { gradeSights } from './evidence/sights'
import { firstLack, missing, type Show } from './lack'
import type { PolicyRefusal } from './policy'

/** Grades `observed` and `self-reported`: the block's sights fix a place whose ellipse holds the claimed one. */
export const showSights: Show = async (rules, block, { checks }) => {
  const trusted = new Set(rules.flatMap(({ require }) => require.observed!.devices))
  const graded = await gradeSights(block, trusted)
  if (!graded) {
    checks.skipped('sights', 'the block carries no sights')
    return { grades: {}, ...refuse(firstLack(rules, () => missing('sights', 'sights of a device that it names'))) }
  }
  if (!graded.ok) {
    checks.failed('sights', graded.error)
    return { grades: {}, ...refuse(firstLack(rules, () => graded.error)) }
  }
  const { grade, device, distance } = graded.value
  const refusal = firstLack(rules, ({ require }) =>
    require.observed!.devices.includes(device) ? undefined : UNTRUSTED,
  )
  const measure = { residual: distance }
  if (refusal) checks.failed('sights', refusal as Failure, measure)
  else checks.passed('sights', `they fix a place ${Math.round(distance)} m from the claimed one (${grade})`, measure)
  const grades = grade === 'observed' ? { observed: graded.value } : { selfReported: graded.value }
  return { grades, ...refuse(refusal) }
}

const UNTRUSTED: PolicyRefusal = {
  code: 'untrusted-device',
  field: 'sights.device',
  message: 'the device that took the sights is none that the policy names',
}

function refuse(refusal: PolicyRefusal | undefined): { refusal?: PolicyRefusal } {
  return refusal ? { refusal } : {}
}
