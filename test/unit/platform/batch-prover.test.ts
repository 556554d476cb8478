import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, test, vi } from 'vitest'
import {
  BatchProver,
  type ProverListener,
  type ProverThread,
  type StartThread,
} from '../../../src/platform/ed25519/prover'
import { startThread, trial } from '../../../src/platform/ed25519/start-thread'
import type { Claim } from '../../../src/platform/types'
import { verifyAllInPool, verifySignatureInPool } from '../../../src/signer/index'

const nextTurn = (callback: () => void) => void setImmediate(callback)
const options = { nextTurn, trial, most: 1 }

function claimOf(number: number): Claim {
  const seed = new Uint8Array(32).fill(1 + (number % 5))
  const message = new Uint8Array(20 + number).fill(number)
  return [ed25519.getPublicKey(seed), message, ed25519.sign(message, seed)]
}
const GOOD = Array.from({ length: 64 }, (_, i) => claimOf(i))
const BAD: Claim = [GOOD[0]![0], GOOD[1]![1], GOOD[0]![2]]

const proveAll = (prover: BatchProver, claims: readonly Claim[]) =>
  Promise.all(claims.map(claim => prover.prove(...claim)))

/** Until a thread has started and passed its trial, nothing is proven. */
async function started(start: StartThread = startThread): Promise<BatchProver> {
  const prover = new BatchProver(start, options)
  await vi.waitFor(async () => expect((await proveAll(prover, GOOD))[0]).toBe(true), { timeout: 20_000 })
  return prover
}

describe('a prover with a thread', () => {
  test('proves good batches, nothing in a batch with a bad one, and leaves small ones alone', async () => {
    const prover = await started()
    expect(new Set(await proveAll(prover, GOOD))).toEqual(new Set([true]))
    expect((await proveAll(prover, [...GOOD, BAD])).at(-1)).toBe(false)
    expect(await proveAll(prover, GOOD.slice(0, 3))).toEqual([false, false, false])
    expect(new Set(await proveAll(prover, GOOD))).toEqual(new Set([true]))
  })

  test('proves many that are asked for together, at once and in two pieces', async () => {
    const posted: unknown[] = []
    const prover = await started(async listener => {
      const thread = await startThread(listener)
      return { ...thread, post: (message, transfer) => (posted.push(message), thread.post(message, transfer)) }
    })
    const pieces = GOOD.map(([key, message, signature], i): Claim => {
      return [key, message.subarray(i % 21), signature, message.subarray(0, i % 21)]
    })
    const before = posted.length
    const answers = [prover.proveAll(pieces), prover.proveAll([...pieces, BAD]), prover.proveAll(pieces.slice(0, 3))]
    expect(posted.length).toBe(before + 2)
    const [all, none, few] = await Promise.all(answers)
    expect(all).toEqual(new Uint8Array(pieces.length).fill(1))
    expect(none).toEqual(new Uint8Array(pieces.length + 1))
    expect(few).toEqual(new Uint8Array(3))
    expect(await prover.proveAll([])).toEqual(new Uint8Array())
    const many = Array.from({ length: 1_100 }, (_, i) => pieces[i % pieces.length]!)
    expect((await prover.proveAll(many)).reduce((sum, proven) => sum + proven, 0)).toBe(1_100)
  })

  test('answers many batches at once, each its own', async () => {
    const prover = await started()
    const many = Array.from({ length: 1_200 }, (_, i) => GOOD[i % GOOD.length]!)
    const answers = await proveAll(prover, many.with(1_199, BAD))
    expect(answers.slice(0, 1_024).every(proven => proven)).toBe(true)
    expect(answers.slice(1_024).some(proven => proven)).toBe(false)
  })

  test('a thread that dies leaves every signature to a single check, now and later', async () => {
    let die = () => {}
    const prover = await started(async listener => {
      die = () => listener.failed()
      return startThread(listener)
    })
    const answers = proveAll(prover, GOOD)
    await new Promise<void>(resolve => nextTurn(resolve))
    die()
    expect((await answers).every(proven => !proven)).toBe(true)
    expect((await proveAll(prover, GOOD)).every(proven => !proven)).toBe(true)
  })
})

test.each(['cannot be started', 'fails its trial', 'accepts nothing'])(
  'a thread that %s is never trusted',
  async how => {
    const thread = (listener: ProverListener): ProverThread => ({
      post: message => {
        const { bytes, starts } = message as { bytes: Uint8Array; starts: Uint32Array }
        const proven = new Uint8Array(starts.length - 1).fill(how === 'accepts nothing' ? 0 : 1).with(0, 0)
        queueMicrotask(() => listener.answer({ bytes, proven }))
      },
      keep: () => undefined,
    })
    const start = vi.fn(async (listener: ProverListener) =>
      how === 'cannot be started' ? undefined : thread(listener),
    )
    const prover = new BatchProver(start, options)
    for (let i = 0; i < 3; i++) expect((await proveAll(prover, GOOD)).every(proven => !proven)).toBe(true)
    expect(start).toHaveBeenCalledOnce()
  },
)

test('the pool tells the bad one among many good ones, proven together or not', async () => {
  for (let round = 0; round < 4; round++) {
    const claims = round % 2 === 0 ? GOOD : GOOD.with(40, BAD)
    const valid = claims.map(claim => claim !== BAD)
    expect(await Promise.all(claims.map(claim => verifySignatureInPool(...claim)))).toEqual(valid)
    const pieces = claims.map(([key, message, signature]): Claim => {
      return [key, message.subarray(9), signature, message.subarray(0, 9)]
    })
    expect(await verifyAllInPool(pieces)).toEqual(valid)
    expect(await verifyAllInPool([...pieces, [new Uint8Array(31), new Uint8Array(), new Uint8Array(64)]])).toEqual([
      ...valid,
      false,
    ])
  }
})
