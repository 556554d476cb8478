import { openProveHere } from '#platform'
import { loadOnce } from '../base/index'
import { Signer } from '../signer/index'

type Claim = readonly [publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array]
type Verify = (...claim: Claim) => boolean | Promise<boolean>

/** Steps of the queue of microtasks that a claim waits for others: those of blocks that are judged together come in a few. */
const WAIT = 8
/** Fewer are checked one by one. */
const FEW = 8

interface Waiting {
  readonly claim: Claim
  readonly settle: (valid: boolean | Promise<boolean>) => void
}

/**
 * Checks the signatures of one event of the world by one equation, in the thread itself, as production code has threads do it;
 * what that does not prove, by `one`. All of it ends within the event.
 */
export async function verifyTogether(one: Verify): Promise<Verify> {
  const prove = await testedProver()
  let waiting: Waiting[] = []
  const flush = () => {
    const batch = waiting
    waiting = []
    const proven = prove && batch.length >= FEW ? prove(batch.map(({ claim }) => claim)) : []
    batch.forEach(({ claim, settle }, i) => settle(proven[i] === true || one(...claim)))
  }
  const gather = async () => {
    for (let step = 0; step < WAIT; step++) await Promise.resolve()
    flush()
  }
  return (...claim) => {
    const [publicKey, , signature] = claim
    if (publicKey.length !== 32 || signature.length !== 64) return false
    return new Promise(settle => {
      waiting.push({ claim, settle })
      if (waiting.length === 1) void gather()
    })
  }
}

/** It must prove good signatures and none that is bad. */
const testedProver = /* @__PURE__ */ loadOnce(async () => {
  const prove = await openProveHere().catch(() => undefined)
  if (!prove) return undefined
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(2))
  const claims = await Promise.all(
    Array.from({ length: FEW }, async (_, i): Promise<Claim> => {
      const message = new Uint8Array(100).fill(i)
      return [signer.publicKey, message, await signer.sign(message)]
    }),
  )
  const forged = claims.map(([key, message, signature], i): Claim => [key, i === 3 ? key : message, signature])
  const isGood = prove(claims).every(Boolean) && !prove(forged).includes(true)
  return isGood ? prove : undefined
})
