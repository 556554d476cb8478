import { fromHex } from '../../../../src/base/index'
import type { Beacon } from '../../../../src/block/index'
import type { BeaconChain } from '../../../../src/validate/index'
import published from '../../../vectors/drand.json'

/** Published chains, and their rounds as blocks carry them. */
export const CHAINS = published.map(({ chain, rounds }) => ({
  chain: chain as BeaconChain,
  rounds: rounds.map(({ round, signature }): Beacon => ({
    chain: fromHex(chain.hash)!,
    round,
    signature: fromHex(signature)!,
  })),
}))

export const quicknet = CHAINS[0]!
export const ROUNDS = quicknet.rounds
