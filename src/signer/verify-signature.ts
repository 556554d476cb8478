import { prover } from '#platform'
import { concat, loadOnce } from '../base/index'
import { verifyTogether } from './claim-queue'
import type { Claim } from './hot-authors'
import { testedNative, type TestedNative } from './native'
import { noble } from './noble'

/**
 * Whether an Ed25519 signature is valid under ZIP-215 (https://zips.z.cash/zip-0215), the same answer on every runtime:
 * what native code accepts is accepted, what it rejects is rechecked with the cofactored equation, whose answer is final.
 * Keys and signatures of another length are invalid, and what are no bytes. A recheck costs about ten native checks, so callers compare ids and
 * shapes first and bound what each peer may send.
 *
 * ZIP-215 lets anyone sign for small-order keys: an identity must also pass `isAcceptableIdentity`.
 *
 * @example
 * ```ts
 * await verifySignature(signer.publicKey, message, await signer.sign(message)) // true
 * ```
 */
export async function verifySignature(...claim: Claim): Promise<boolean> {
  if (!hasShape(claim)) return false
  const { verify } = native ?? (await knowNative())
  return verify === undefined ? await verifyWithoutNative(claim) : await verifyWith(verify, claim)
}

/**
 * `verifySignature` for many at once: beside the calling thread where the runtime has threads to give, in batches where they
 * take less time so. A batch proves good signatures; what it does not prove is checked by itself. The arrays may not change
 * meanwhile.
 */
export async function verifySignatureInPool(...claim: PartedClaim): Promise<boolean> {
  if (!hasShape(claim)) return false
  if (prover !== undefined && (await prover.prove(...claim))) return true
  return verifyWhole(claim)
}

/** `verifySignatureInPool` of each; they are asked for together. Pieces of a message are joined only where it is checked by itself. */
export async function verifyAllInPool(claims: readonly PartedClaim[]): Promise<readonly boolean[]> {
  const proven = claims.every(hasShape) ? await prover?.proveAll(claims) : undefined
  if (proven?.every(each => each === 1)) return claims.map(() => true)
  return Promise.all(claims.map(async (claim, i) => proven?.[i] === 1 || verifyWhole(claim)))
}

/** One that no batch proved. */
async function verifyWhole([publicKey, message, signature, before]: PartedClaim): Promise<boolean> {
  const claim = [publicKey, before ? concat(before, message) : message, signature] as const
  if (!hasShape(claim)) return false
  const { verify, verifyInPool = verify } = native ?? (await knowNative())
  return verifyInPool === undefined ? await verifyTogether(claim) : await verifyWith(verifyInPool, claim)
}

/** A claim whose message may come in two pieces. */
type PartedClaim = Readonly<Parameters<NonNullable<typeof prover>['prove']>>

/** What the self-test left, at hand without waiting once it was made. */
let native: TestedNative | undefined

async function knowNative(): Promise<TestedNative> {
  return (native = await testedNative())
}

function hasShape(claim: Claim | PartedClaim): boolean {
  const [publicKey, message, signature] = claim
  return (
    [publicKey, message, signature].every(part => part instanceof Uint8Array) &&
    publicKey.length === 32 &&
    signature.length === 64
  )
}

/** Some runtimes throw on keys that are no curve points; that is a reject, and rechecked like one. */
async function verifyWith(native: (...claim: Claim) => boolean | Promise<boolean>, claim: Claim): Promise<boolean> {
  try {
    if (await native(...claim)) return true
  } catch {
    // rechecked below
  }
  const [publicKey, message, signature] = claim
  return noble().verify(signature, message, publicKey, { zip215: true })
}

/** Few runtimes need it. */
const hotAuthors = /* @__PURE__ */ loadOnce(() => import('./hot-authors'))

async function verifyWithoutNative(claim: Claim): Promise<boolean> {
  const { verifyHot } = await hotAuthors()
  return verifyHot(...claim)
}
