import type { Failure } from '../base/index'
import type { BeaconChain } from './evidence/beacon-chain'
import { BeaconVerifier } from './evidence/beacon-verifier'
import { gradeBeacon } from './evidence/grade-beacon'
import { processBudget } from './evidence/process-budget'
import { QUICKNET } from './evidence/quicknet'
import type { PolicyRefusal } from './policy'
import { firstLack, missing, type Show } from './lack'

const DEFAULT: readonly BeaconChain[] = [QUICKNET]
/** One for each set of chains, since each remembers its answers; all under the one budget of the process. */
const verifiers = new WeakMap<readonly BeaconChain[], BeaconVerifier>()

/** Grade `not-before`: the block's beacon round is right, and its gap to the claimed time is within each rule's bound. */
export const showBeacon: Show = async (rules, block, { checks, beacons, maxSkew }) => {
  const graded = await gradeBeacon(block, verifierOf(beacons))
  if (!graded) {
    checks.skipped('beacon', 'the block carries no beacon round')
    return { grades: {}, ...refuse(firstLack(rules, () => missing('beacon', 'a beacon round'))) }
  }
  if (!graded.ok) {
    checks.failed('beacon', graded.error)
    return { grades: {}, ...refuse(firstLack(rules, () => graded.error)) }
  }
  const { gap, time } = graded.value
  const bounds = rules.map(({ require }) => require.notBefore!.maxGap)
  const measure = { residual: gap, ...(bounds.length > 0 && { tolerance: Math.min(...bounds) }) }
  const refusal = firstLack(rules, ({ require }) => outOfBounds(gap, require.notBefore!.maxGap, maxSkew))
  if (refusal) checks.failed('beacon', refusal as Failure, measure)
  else checks.passed('beacon', `made after its round came out, ${new Date(time).toISOString()}`, measure)
  return { grades: { notBefore: graded.value }, ...refuse(refusal) }
}

function outOfBounds(gap: number, maxGap: number, maxSkew: number): PolicyRefusal | undefined {
  if (gap > maxGap) {
    const message = `the beacon round came out ${gap} ms before the claimed time, and ${maxGap} ms are allowed`
    return { code: 'beacon-gap', field: 'beacon', message }
  }
  if (gap >= -maxSkew) return undefined
  const message = `the claimed time is ${-gap} ms before its own beacon round came out: it cannot be true`
  return { code: 'beacon-gap', field: 'beacon', message }
}

function verifierOf(beacons: readonly BeaconChain[] = DEFAULT): BeaconVerifier {
  const verifier = verifiers.get(beacons) ?? new BeaconVerifier({ chains: beacons, budget: processBudget() })
  verifiers.set(beacons, verifier)
  return verifier
}

function refuse(refusal: PolicyRefusal | undefined): { refusal?: PolicyRefusal } {
  return refusal ? { refusal } : {}
}
