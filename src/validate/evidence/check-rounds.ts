import { sha256 } from '@noble/hashes/sha2.js'
import { attempt, CosmicError, fail, ok, type Failure, type Random, type Result } from '../../base/index'
import type { Beacon } from '../../block/index'
import type { BeaconChain } from './beacon-chain'
import { isInfinity, isOnCurve, signatureGroup, type Opened, type Point, type SignatureGroup } from './bls-group'

/** Checks signatures of the rounds of one chain; `undefined` for a right one. */
export interface RoundChecker {
  check(beacon: Beacon): Failure | undefined
  /** The same answers for many, faster. The factors must be unforeseeable. */
  checkAll(beacons: readonly Beacon[], random: Random): (Failure | undefined)[]
}

/** Fails with `beacon-chain` when the chain's public key is no key. */
export function roundChecker(chain: BeaconChain): Result<RoundChecker> {
  try {
    return ok(new GroupRounds(signatureGroup(chain) as SignatureGroup<never>))
  } catch {
    return fail({
      code: 'beacon-chain',
      field: 'beacon.chain',
      message: 'the public key in this node’s description of the beacon’s chain is no key',
    })
  }
}

/** Bytes of a random factor: a wrong signature passes in a batch with a probability of at most 2^−128. */
const FACTOR_BYTES = 16

/** A round whose two points were multiplied by its random factor. */
interface Weighted<P> extends Opened<P> {
  readonly index: number
}

class GroupRounds<P extends Point<P>> implements RoundChecker {
  readonly #group: SignatureGroup<P>

  constructor(group: SignatureGroup<P>) {
    this.#group = group
  }

  check(beacon: Beacon): Failure | undefined {
    const opened = this.#open(beacon)
    if (!opened.ok) return opened.error
    return this.#group.holds(opened.value) ? undefined : WRONG
  }

  /**
   * One equation for a random combination of all rounds (small exponents test: Bellare, Garay, Rabin, "Fast batch
   * verification for modular exponentiation and digital signatures", 1998). Soundness: the error of a round,
   * e(signature, generator) / e(message, key), lies in a group of prime order r > 2^254, since decoding refuses signatures
   * outside the subgroup of that order. If one error is not neutral, then whatever the factors of the other rounds, at most
   * one factor modulo r for this one makes the product neutral, and it is drawn among 2^128 after the signatures were fixed.
   * Where the equation fails, halves are checked with the same factors: each of the fewer than 2n subsets is again such a
   * combination and passes wrongly with a probability of at most 2^−128.
   */
  checkAll(beacons: readonly Beacon[], random: Random): (Failure | undefined)[] {
    const answers = new Array<Failure | undefined>(beacons.length).fill(undefined)
    const weighted: Weighted<P>[] = []
    for (const [index, beacon] of beacons.entries()) {
      const opened = this.#open(beacon)
      if (opened.ok) weighted.push({ index, ...weigh(opened.value, factor(random)) })
      else answers[index] = opened.error
    }
    for (const index of this.#wrongAmong(weighted, false)) answers[index] = WRONG
    return answers
  }

  /** Indices of the wrong ones; `surely` when it is known that there is one. */
  #wrongAmong(rounds: readonly Weighted<P>[], surely: boolean): number[] {
    const [first, ...others] = rounds
    if (first === undefined || (!surely && this.#sumHolds(first, others))) return []
    if (others.length === 0) return [first.index]
    const half = rounds.length >> 1
    const left = this.#wrongAmong(rounds.slice(0, half), false)
    return [...left, ...this.#wrongAmong(rounds.slice(half), left.length === 0)]
  }

  #sumHolds(first: Weighted<P>, others: readonly Weighted<P>[]): boolean {
    let { signature, message } = first
    for (const other of others) {
      signature = signature.add(other.signature)
      message = message.add(other.message)
    }
    // Random factors lead to the neutral element, which has no pairing, with a probability of 2^−128.
    return !signature.is0() && !message.is0() && this.#group.holds({ signature, message })
  }

  #open({ round, signature }: Beacon): Result<Opened<P>> {
    return attempt(() => ({ signature: this.#decode(signature), message: this.#group.hash(digest(round)) }))
  }

  #decode(signature: Uint8Array): P {
    try {
      return this.#group.decode(signature)
    } catch {
      if (isInfinity(signature)) throw new CosmicError(INFINITE)
      throw new CosmicError(isOnCurve(signature) ? OUTSIDE : MALFORMED)
    }
  }
}

/** What every scheme signs of a round. */
function digest(round: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round))
  return sha256(bytes)
}

/** 1 … 2^128: zero would leave the round out of the sum. */
function factor(random: Random): bigint {
  let value = 0n
  for (const byte of random.bytes(FACTOR_BYTES)) value = (value << 8n) | BigInt(byte)
  return value + 1n
}

function weigh<P extends Point<P>>({ signature, message }: Opened<P>, by: bigint): Opened<P> {
  return { signature: signature.multiplyUnsafe(by), message: message.multiplyUnsafe(by) }
}

const field = 'beacon.signature'
const INFINITE: Failure = {
  code: 'beacon-infinity',
  field,
  message: 'the beacon’s signature is the point at infinity, which is no signature',
}
const MALFORMED: Failure = {
  code: 'beacon-encoding',
  field,
  message: 'the beacon’s signature is not the canonical encoding of a point of the curve',
}
const OUTSIDE: Failure = {
  code: 'beacon-subgroup',
  field,
  message: 'the beacon’s signature is a point of the curve outside the group of signatures',
}
const WRONG: Failure = {
  code: 'beacon-signature',
  field,
  message: 'the beacon’s signature is not that of this round of its chain',
}
