import { fail, loadOnce, mapList, ok, type Failure, type Result } from '../base/index'
import {
  borrowToBeSigned,
  openBlock,
  openBlockInPool,
  OpenedBlock,
  type Block,
  type VerifiedBlock,
} from '../block/index'
import { isAcceptableIdentity, verifyAllInPool, verifySignature, verifySignatureInPool } from '../signer/index'
import type { SkyChecker, SkyComparison } from '../sky/index'
import { Checklist } from './checklist'
import type { Grades } from './verdict'

/** What the bytes alone say. */
export interface Verification {
  readonly result: Result<VerifiedBlock>
  readonly checks: Checklist
  readonly grades: Grades
  /** Why this version of the library cannot admit the block, though it is valid: a kind or profile that it does not know. */
  readonly unknown?: Failure | undefined
}

/** The costly steps of a verification. */
export interface Steps {
  readonly open: (bytes: Uint8Array) => ReturnType<typeof openBlock> | ReturnType<typeof openBlockInPool>
  readonly verify: VerifySignature
}

/** Whether an Ed25519 signature is valid under ZIP-215. */
export type VerifySignature = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>

export const ONE_BY_ONE: Steps = { open: openBlock, verify: verifySignature }
/** For many at once: as much as possible beside the calling thread. */
export const IN_POOL: Steps = { open: openBlockInPool, verify: verifySignatureInPool }

/**
 * Judges bytes by themselves: form, author key, signature, sky within its profile, kind. A pure function of the bytes,
 * the same on every node of this version and at every time. Each step runs only when those before it passed. What is opened
 * already is taken as it is.
 */
export async function verifyBytes(bytes: Uint8Array | OpenedBlock, steps = ONE_BY_ONE): Promise<Verification> {
  const checks = new Checklist()
  const authentic = await checkAuthenticity(bytes, checks, steps)
  if (!authentic.ok) return { result: authentic, checks, grades: {} }

  const block = authentic.value as VerifiedBlock
  return verifyContent(block, checks, hasSky(block) ? (astronomy ?? (await loadAstronomy())) : undefined)
}

/** `verifyBytes` of many that are opened already; their signatures are proven together, beside the calling thread. */
export async function verifyOpened(opened: readonly OpenedBlock[]): Promise<readonly Verification[]> {
  const checks = mapList(opened, () => new Checklist())
  const refusals = mapList(opened, (each, i) => checkAuthor(each, checks[i]!))
  const claims = opened.filter((_, i) => !refusals[i])
  const signed = await verifyAllInPool(
    claims.map(({ publicKey, payload, signature, signedHead }) => [publicKey, payload, signature, signedHead]),
  )
  if (opened.some(({ block }) => hasSky(block))) await (astronomy ?? loadAstronomy())
  let next = 0
  return mapList(opened, ({ block }, i) => {
    const refusal = refusals[i] ?? checkSigned(signed[next++]!, checks[i]!)
    return refusal
      ? { result: fail(refusal), checks: checks[i]!, grades: {} }
      : verifyContent(block as VerifiedBlock, checks[i]!, astronomy)
  })
}

/** The steps after the signature, of a block whose signature was verified when it was stored. */
export async function reverify(block: VerifiedBlock): Promise<Verification> {
  const checks = new Checklist()
  for (const name of ['form', 'author', 'signature'] as const) {
    checks.passed(name, 'verified when these bytes were stored')
  }
  return verifyContent(block, checks, hasSky(block) ? (astronomy ?? (await loadAstronomy())) : undefined)
}

function verifyContent(block: VerifiedBlock, checks: Checklist, known: Astronomy | undefined): Verification {
  const { mismatch, unknown: unknownProfile, grades } = checkSky(block, checks, known)
  if (mismatch) return { result: fail(mismatch), checks, grades }

  const unknown = checkKind(block, checks) ?? unknownProfile
  return { result: ok(block), checks, grades, unknown }
}

async function checkAuthenticity(
  bytes: Uint8Array | OpenedBlock,
  checks: Checklist,
  { open, verify }: Steps,
): Promise<Result<Block>> {
  const opening = bytes instanceof OpenedBlock ? ok(bytes) : open(bytes)
  const opened = 'ok' in opening ? opening : await opening
  if (!opened.ok) {
    checks.failed('form', opened.error)
    return opened
  }
  const { block, publicKey, signature, payload } = opened.value
  const unnamed = checkAuthor(opened.value, checks)
  if (unnamed) return fail(unnamed)

  const { message, giveBack } = borrowToBeSigned(payload)
  const isSigned = await verify(publicKey, message, signature)
  giveBack()
  const unsigned = checkSigned(isSigned, checks)
  return unsigned ? fail(unsigned) : ok(block)
}

/** Form, which it has, and key. */
function checkAuthor({ block, publicKey }: OpenedBlock, checks: Checklist): Failure | undefined {
  checks.passed('form', `version ${block.version}, kind ${block.kind}, ${block.bytes.length} bytes in canonical form`)
  if (!isAcceptableIdentity(publicKey)) {
    const failure: Failure = { code: 'bad-author-key', field: 'author', hint: 'anyone could sign for this key' }
    checks.failed('author', failure)
    return failure
  }
  checks.passed('author', 'the key is canonical and not of small order')
  return undefined
}

function checkSigned(isSigned: boolean, checks: Checklist): Failure | undefined {
  if (!isSigned) {
    const failure: Failure = { code: 'bad-signature', field: 'signature', hint: 'altered, or not signed by its author' }
    checks.failed('signature', failure)
    return failure
  }
  checks.passed('signature', 'signed by its author (Ed25519, ZIP-215)')
  return undefined
}

interface SkyJudgement {
  readonly grades: Grades
  readonly mismatch?: Failure
  readonly unknown?: Failure
}

/** One checker serves all blocks, since its answers hang on none before. */
interface Astronomy extends Pick<typeof import('../sky/index'), 'SKY_PROFILE' | 'compareAcross'> {
  readonly checker: SkyChecker
}

/** Loaded with the first sky that is checked, and from then on at hand without waiting. */
let astronomy: Astronomy | undefined
const loadAstronomy = /* @__PURE__ */ loadOnce(async () => {
  const { SKY_PROFILE, compareAcross, SkyChecker } = await import('../sky/index')
  return (astronomy = { SKY_PROFILE, compareAcross, checker: new SkyChecker() })
})

function hasSky(block: Block): boolean {
  return !block.opaque && block.sky !== undefined
}

function checkSky(block: Block, checks: Checklist, known: Astronomy | undefined): SkyJudgement {
  if (block.opaque || block.sky === undefined || known === undefined) {
    checks.skipped('sky', block.opaque ? 'not read, since the kind is unknown' : 'the block carries no sky')
    return { grades: {} }
  }
  const { sky, time, place } = block
  const { SKY_PROFILE, checker, compareAcross } = known
  if (sky.profile !== SKY_PROFILE) {
    checks.skipped(
      'sky',
      `cannot be judged, since its profile is unknown; ${across(compareAcross(sky, { time, place }))}`,
    )
    return { grades: {}, unknown: { code: 'unknown-profile', field: 'sky.profile' } }
  }
  const comparison = checker.verify(sky, { time, place })
  const { worst, tolerance, residuals } = comparison
  if (!comparison.matches) {
    const mismatch = skyMismatch(comparison)
    checks.failed('sky', mismatch, { tolerance, ...(Number.isFinite(worst) && { residual: worst }) })
    return { grades: {}, mismatch }
  }
  const detail = `consistent with the claimed time and place: at most ${worst.toFixed(2)}″ off`
  checks.passed('sky', detail, { tolerance, residual: worst })
  return { grades: { consistent: { profile: sky.profile, tolerance, worst, residuals } } }
}

function across({ matches, worst, tolerance, residuals }: SkyComparison): string {
  if (!Number.isFinite(worst)) return 'it names no body that we know'
  const off = `the ${Object.keys(residuals).length} bodies that we know are up to ${worst.toFixed(1)}″ off`
  return `${off}, ${matches ? 'within' : 'beyond'} the ${tolerance}″ between profiles`
}

function skyMismatch({ worst, tolerance, field }: SkyComparison): Failure {
  const how = Number.isFinite(worst) ? `up to ${worst.toFixed(0)}″ off` : 'not the bodies of its profile'
  const message = `the sky does not fit the claimed time and place: ${how}`
  return { code: 'sky-mismatch', message, limit: tolerance, ...(field !== undefined && { field }) }
}

function checkKind(block: Block, checks: Checklist): Failure | undefined {
  if (!block.opaque) {
    checks.passed('kind', `known: ${block.kind}`)
    return undefined
  }
  const hint = `this version does not know kind ${block.kind} of version ${block.version}`
  const failure: Failure = { code: 'unknown-kind', field: 'kind', hint }
  checks.failed('kind', failure)
  return failure
}
