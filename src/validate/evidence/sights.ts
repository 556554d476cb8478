import { fail, loadOnce, ok, type Failure, type Result } from '../../base/index'
import { verifySights, type Block, type SignedSights } from '../../block/index'
import { isAcceptableIdentity, parseDidKey } from '../../signer/index'
import type { FixSolution, Place, PositionFix, PreparedSight } from '../../sky/index'

/** What sights show. `observed` is worth as much as the devices that the policy names: they are taken at their word. */
export interface SightsGrade {
  /** `observed` when the policy trusts the device, `self-reported` when the key is just any. */
  readonly grade: 'observed' | 'self-reported'
  /** did:key of the device. */
  readonly device: string
  /** The place that the sights fix, with its ellipse. */
  readonly fix: FixSolution
  /** Metres between fix and claimed place. */
  readonly distance: number
  /** The smallest confidence whose ellipse holds the claimed place. */
  readonly confidence: number
}

export interface SightsOptions {
  /** Of the ellipse that must hold the claimed place; default 0.99, which fails one honest block in a hundred. */
  readonly confidence?: number
  /** Metres: a fix whose ellipse is longer is refused; default 200,000. */
  readonly largestSemiAxis?: number
}

const DEFAULT_CONFIDENCE = 0.99
/** Seconds: UT1 − UTC, which the sky's profile leaves out, stays within 0.9 s. */
const TIME_SIGMA = 0.5
/** Sights that fit each other worse than this once in a thousand times are no evidence. */
const LEAST_P = 0.001
/** Degrees: what refraction, dip and half a disc can lift at most. */
const LOWEST = -2

/** Loaded with the first sights that are checked. */
const astronomy = /* @__PURE__ */ loadOnce(() => import('../../sky/index'))

/**
 * Fixes the place of a block from its sights and holds the claimed one against it. A function of the block and of the
 * devices alone. `undefined` when the block carries no sights.
 *
 * Failures, none of which makes a block invalid: `bad-author-key` (a device key that anyone can sign for), `bad-signature`
 * (not signed by the device for this author, time and place), `below-horizon` (at the claimed place), `sight-mismatch`
 * (sights that contradict each other, or the claimed place), and those of `fixPosition`.
 *
 * @param trusted did:key names of devices
 */
export async function gradeSights(
  block: Block,
  trusted: ReadonlySet<string>,
  options: SightsOptions = {},
): Promise<Result<SightsGrade> | undefined> {
  if (block.opaque || block.sights === undefined) return undefined
  const { sights, author, time, place } = block
  const forged = await signatureFault(sights, { author, time, place: place! })
  if (forged) return fail(forged)
  const held = await holdPlace(sights, place!, options)
  if (!held.ok) return held
  const grade = trusted.has(sights.device) ? 'observed' : 'self-reported'
  return ok({ grade, device: sights.device, ...held.value })
}

async function signatureFault(
  sights: SignedSights,
  claim: { author: string; time: number; place: Place },
): Promise<Failure | undefined> {
  const key = parseDidKey(sights.device)
  if (!key.ok || !isAcceptableIdentity(key.value)) {
    return { code: 'bad-author-key', field: 'sights.device', message: 'anyone could sign for the key of this device' }
  }
  if (await verifySights(sights, claim)) return undefined
  const message = 'the device did not sign these sights for this author, time and place'
  return { code: 'bad-signature', field: 'sights.signature', message }
}

type Held = Pick<SightsGrade, 'fix' | 'distance' | 'confidence'>

async function holdPlace({ sights }: SignedSights, place: Place, options: SightsOptions): Promise<Result<Held>> {
  const { altitudeAt, distanceFromFix, prepareSights, solveFix } = await astronomy()
  const { confidence = DEFAULT_CONFIDENCE, largestSemiAxis } = options
  const { elevation = 0 } = place
  const prepared = prepareSights(sights, elevation)
  if (!prepared.ok) return failAt(prepared.error)
  const sunken = prepared.value.findIndex(sight => altitudeAt(sight, place) < LOWEST)
  if (sunken >= 0)
    return fail(belowHorizon(prepared.value[sunken]!, sunken, altitudeAt(prepared.value[sunken]!, place)))
  const fix = solveFix(prepared.value, { elevation, confidence, largestSemiAxis, timeSigma: TIME_SIGMA, start: place })
  if (!fix.ok) return failAt(fix.error)
  // Of a coarse place the whole cell is claimed.
  const slack = place.grid === undefined ? 0 : (place.accuracy ?? 0)
  const off = distanceFromFix(fix.value, place, slack)
  const doubt = doubtOf(fix.value) ?? (off.confidence <= confidence ? undefined : mismatch(off.distance, confidence))
  if (doubt) return fail(doubt)
  const { ambiguous: _ambiguous, alternatives: _alternatives, ...solution } = fix.value
  return ok({ fix: solution, ...off })
}

function doubtOf({ ambiguous, alternatives, pValue = 1 }: PositionFix): Failure | undefined {
  if (ambiguous) {
    const message = `the sights fit ${alternatives.length + 1} places: one sight more would decide`
    return { code: 'poor-geometry', field: 'sights', message }
  }
  if (pValue >= LEAST_P) return undefined
  const message = 'the sights contradict each other by more than their stated errors allow'
  return { code: 'sight-mismatch', field: 'sights', limit: LEAST_P, message }
}

function mismatch(distance: number, confidence: number): Failure {
  const message = `the claimed place is ${Math.round(distance)} m from where the sights were taken, outside their ${confidence * 100} % ellipse`
  return { code: 'sight-mismatch', field: 'place', limit: confidence, message }
}

function belowHorizon({ body }: PreparedSight, index: number, altitude: number): Failure {
  const message = `${body} stood ${Math.round(-altitude)}° below the horizon of the claimed place`
  return { code: 'below-horizon', field: `sights.sights[${index}]`, message }
}

/** The path of a sight within the block. The message is named, since an error's own is not enumerable. */
function failAt(failure: Failure): Result<never> {
  const { message, field } = failure
  return fail({
    ...failure,
    ...(message !== undefined && { message }),
    ...(field !== undefined && { field: `sights.${field}` }),
  })
}
