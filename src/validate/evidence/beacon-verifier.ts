import { random as platformRandom, timers as platformTimers } from '#platform'
import {
  BoundedMap,
  fail,
  fields,
  list,
  loadOnce,
  ok,
  toHex,
  type Budget,
  type Failure,
  type Random,
  type Result,
  type Timers,
} from '../../base/index'
import { LIMITS, type Beacon } from '../../block/index'
import { checkChain, roundTime, SCHEMES, type BeaconChain } from './beacon-chain'
import type { RoundChecker, roundChecker } from './check-rounds'
import { QUICKNET } from './quicknet'

/** A round whose signature is right. */
export interface BeaconRound {
  /** The chain's hash, in hexadecimal. */
  readonly chain: string
  readonly round: number
  /** When the round came out, in milliseconds since the Unix epoch: what contains its signature is not older. */
  readonly time: number
}

export interface BeaconVerifierOptions {
  /** The chains that this node trusts; default: drand's quicknet. */
  readonly chains?: readonly BeaconChain[]
  /** What checks may cost: a token each. Default: nothing holds them up. */
  readonly budget?: Budget
  /** Answers remembered of each sort, right and wrong (default 4096). */
  readonly capacity?: number
  /** Rounds that may wait to be checked (default 4096). */
  readonly maxWaiting?: number
  /** Default: the runtime's. Its bytes make the factors of batches and must be unforeseeable. */
  readonly random?: Random
  readonly timers?: Timers
}

/** Rounds checked together at most: more would hold up the thread for longer than a tenth of a second. */
const LARGEST_BATCH = 16

interface Waiting {
  readonly beacon: Beacon
  readonly chain: BeaconChain
  readonly key: string
  readonly resolve: (answer: Result<BeaconRound>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Verifies rounds of the chains that a node trusts, offline. Answers are remembered under everything that they hang on, the
 * failed ones apart from the others so that forgeries displace nothing; a round that is being checked is not checked again.
 * What arrives together is checked together.
 *
 * @example
 * ```ts
 * const verifier = new BeaconVerifier({ chains: [QUICKNET] })
 * const answer = await verifier.verify(block.beacon)
 * ```
 */
export class BeaconVerifier {
  readonly #chains: ReadonlyMap<string, BeaconChain>
  readonly #checkers = new Map<BeaconChain, Result<RoundChecker>>()
  readonly #options: BeaconVerifierOptions
  readonly #right: BoundedMap<BeaconRound>
  readonly #wrong: BoundedMap<Failure>
  readonly #queue: Waiting[] = []
  readonly #pending = new Map<string, Promise<Result<BeaconRound>>>()
  #batch = LARGEST_BATCH
  #isRunning = false

  /** @throws CosmicError with the field of a chain's description that is malformed */
  constructor(options: BeaconVerifierOptions = {}) {
    const { chains = [QUICKNET], capacity = 4096 } = options
    const checked = readChains(chains, 'chains')
    this.#chains = new Map(checked.map(chain => [chain.hash, chain]))
    this.#options = options
    this.#right = new BoundedMap(capacity)
    this.#wrong = new BoundedMap(capacity)
  }

  /** Answers remembered, some of them perhaps twice. */
  get remembered(): number {
    return this.#right.size + this.#wrong.size
  }

  /**
   * The round, or why it shows nothing: `beacon-chain` (not among the chains), `beacon-encoding`, `beacon-infinity`,
   * `beacon-subgroup`, `beacon-signature`, `out-of-range` (a round after the year 2100), or `limit` when too many wait: that
   * one says nothing about the beacon and is not remembered.
   */
  async verify(beacon: Beacon): Promise<Result<BeaconRound>> {
    const chain = this.#chains.get(toHex(beacon.chain))
    const refusal = chain === undefined ? UNKNOWN_CHAIN : misfit(beacon, chain)
    if (chain === undefined || refusal) return fail(refusal!)
    const key = `${chain.hash} ${beacon.round} ${toHex(beacon.signature)}`
    const round = this.#right.get(key)
    if (round) return ok(round)
    const wrong = this.#wrong.get(key)
    if (wrong) return fail(wrong)
    return this.#pending.get(key) ?? this.#enqueue(beacon, chain, key)
  }

  #enqueue(beacon: Beacon, chain: BeaconChain, key: string): Promise<Result<BeaconRound>> | Result<never> {
    const { maxWaiting = 4096 } = this.#options
    if (this.#queue.length >= maxWaiting) {
      return fail({ code: 'limit', field: 'beacon', limit: maxWaiting, message: 'too many beacons wait to be checked' })
    }
    const answer = new Promise<Result<BeaconRound>>((resolve, reject) => {
      this.#queue.push({ beacon, chain, key, resolve, reject })
    })
    this.#pending.set(key, answer)
    if (!this.#isRunning) void this.#run()
    return answer
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    const { budget, timers = platformTimers } = this.#options
    let batch: readonly Waiting[] = []
    try {
      const { roundChecker } = await pairings()
      while (this.#queue.length > 0) {
        await budget?.take()
        batch = this.#nextBatch()
        this.#settle(batch, roundChecker)
        // The thread is everybody's: others get a turn between two batches, and may add to the next.
        if (this.#queue.length > 0) await new Promise<void>(resolve => timers.set(resolve, 0))
      }
    } catch (error) {
      for (const { key, reject } of [...batch, ...this.#queue.splice(0)]) {
        this.#pending.delete(key)
        reject(error)
      }
    } finally {
      this.#isRunning = false
    }
  }

  /** The first that waits, for whom a token was taken, and others of its chain for whom there are tokens. */
  #nextBatch(): Waiting[] {
    const { budget } = this.#options
    const batch = this.#queue.splice(0, 1)
    while (batch.length < this.#batch && this.#queue[0]?.chain === batch[0]!.chain) {
      if (budget?.tryTake() === false) break
      batch.push(this.#queue.shift()!)
    }
    return batch
  }

  #settle(batch: readonly Waiting[], makeChecker: typeof roundChecker): void {
    const failures = this.#check(batch, makeChecker)
    // Wrong ones make a batch dearer than its rounds one by one would be; a flood of them is checked one by one.
    this.#batch = failures.some(failure => failure) ? 1 : Math.min(LARGEST_BATCH, this.#batch * 2)
    for (const [index, { beacon, chain, key, resolve }] of batch.entries()) {
      const failure = failures[index]
      const round: BeaconRound = { chain: chain.hash, round: beacon.round, time: roundTime(chain, beacon.round) }
      if (failure) this.#wrong.set(key, failure)
      else this.#right.set(key, round)
      this.#pending.delete(key)
      resolve(failure ? fail(failure) : ok(round))
    }
  }

  #check(batch: readonly Waiting[], makeChecker: typeof roundChecker): readonly (Failure | undefined)[] {
    const { chain } = batch[0]!
    const checker = this.#checkers.get(chain) ?? makeChecker(chain)
    this.#checkers.set(chain, checker)
    if (!checker.ok) return batch.map(() => checker.error)
    if (batch.length === 1) return [checker.value.check(batch[0]!.beacon)]
    const { random = platformRandom } = this.#options
    return checker.value.checkAll(
      batch.map(({ beacon }) => beacon),
      random,
    )
  }
}

/** The most chains of one verifier. */
const MAX_CHAINS = 256
const readChains = /* @__PURE__ */ list(
  (value, path) => checkChain(fields(value, path) as unknown as BeaconChain, path),
  MAX_CHAINS,
)

/** Loaded with the first round that is checked. */
const pairings = /* @__PURE__ */ loadOnce(() => import('./check-rounds'))

const UNKNOWN_CHAIN: Failure = {
  code: 'beacon-chain',
  field: 'beacon.chain',
  message: 'the beacon is of a chain that this node does not know',
}

/** Why a beacon cannot be of a chain, whatever its signature says. */
function misfit({ round, signature }: Beacon, chain: BeaconChain): Failure | undefined {
  const { signature: length } = SCHEMES[chain.scheme]
  if (signature.length !== length) {
    const message = 'the beacon’s signature has another length than those of its chain'
    return { code: 'beacon-encoding', field: 'beacon.signature', limit: length, message }
  }
  if (roundTime(chain, round) <= LIMITS.time) return undefined
  return { code: 'out-of-range', field: 'beacon.round', message: 'the beacon’s round comes after the year 2100' }
}
