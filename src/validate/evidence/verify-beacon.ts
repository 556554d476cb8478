import { attempt, checkNames, fields, loadOnce, such, type Result } from '../../base/index'
import { toBeacon, type BeaconFields } from '../../block/index'
import type { BeaconChain } from './beacon-chain'
import type { BeaconRound, BeaconVerifier } from './beacon-verifier'
import { QUICKNET } from './quicknet'

export interface VerifyBeaconOptions {
  /** The chains to believe; default: drand's quicknet. The same array means the same chains. */
  readonly chains?: readonly BeaconChain[]
}

/** Loaded with the first beacon. */
const verifiers = /* @__PURE__ */ loadOnce(() => import('./beacon-verifier'))

/** Each keeps its answers, so there is one for each set of chains. */
const known = new WeakMap<readonly BeaconChain[], BeaconVerifier>()
const DEFAULT: readonly BeaconChain[] = [QUICKNET]
const isList = /* @__PURE__ */ such<readonly BeaconChain[]>(value => Array.isArray(value), 'a list of chains')

/**
 * Verifies one round of a public randomness beacon, offline, and answers when it came out: whoever shows the signature of
 * a round knew it no earlier than that. `chain` and `signature` are bytes, or hexadecimal as drand's HTTP interface has them.
 * The first check loads the pairings and takes some tens of milliseconds, a round that was checked before takes none.
 *
 * Failures, with their `field`: `beacon-chain` for a chain that is not among `chains`; `beacon-encoding`, `beacon-infinity`,
 * `beacon-subgroup` for signatures that are no points or the wrong ones; `beacon-signature` for another round's, or a
 * tampered one; `bad-type`, `wrong-length`, `out-of-range`, `bad-value` for what is no beacon at all.
 *
 * Source: https://docs.drand.love (unchained beacons); BLS signatures, draft-irtf-cfrg-bls-signature; hashing, RFC 9380.
 *
 * @throws CosmicError with the field of a description in `chains` that is malformed
 * @example
 * ```ts
 * const answer = await verifyBeacon({
 *   chain: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
 *   round: 1000,
 *   signature: 'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39',
 * })
 * if (answer.ok) console.log(new Date(answer.value.time).toISOString()) // 2023-08-23T15:59:24.000Z
 * else console.log(answer.error.code, answer.error.message)
 * ```
 */
export async function verifyBeacon(
  beacon: BeaconFields,
  options: VerifyBeaconOptions = {},
): Promise<Result<BeaconRound>> {
  checkNames(fields(options, 'options'), ['chains'])
  const { chains = DEFAULT } = options
  isList(chains, 'chains')
  const read = attempt(() => toBeacon(beacon))
  if (!read.ok) return read
  return (await verifierOf(chains)).verify(read.value)
}

async function verifierOf(chains: readonly BeaconChain[]): Promise<BeaconVerifier> {
  const { BeaconVerifier } = await verifiers()
  const verifier = known.get(chains) ?? new BeaconVerifier({ chains })
  known.set(chains, verifier)
  return verifier
}
