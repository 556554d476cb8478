import { random, timers } from '#platform'
import { loadOnce } from '../base/index'
import type { Claim } from './hot-authors'

/** About 30 ms of work, so that the thread is not held up for longer. */
const LARGEST_BATCH = 64

interface Waiting {
  readonly claim: Claim
  readonly resolve: (valid: boolean) => void
  readonly reject: (cause: unknown) => void
}

const batch = /* @__PURE__ */ loadOnce(() => import('./batch'))

let waiting: Waiting[] = []
let cancel: (() => void) | undefined

/** Checks a claim together with those that arrive before the event loop turns, where there is no native Ed25519. */
export function verifyTogether(claim: Claim): Promise<boolean> {
  return new Promise((resolve, reject) => {
    waiting.push({ claim, resolve, reject })
    if (waiting.length === 1) cancel = timers.set(() => void flush(), 0)
    if (waiting.length === LARGEST_BATCH) void flush()
  })
}

async function flush(): Promise<void> {
  cancel?.()
  const all = waiting
  waiting = []
  try {
    const { verifyBatch } = await batch()
    const answers = verifyBatch(
      all.map(({ claim }) => claim),
      random,
    )
    all.forEach(({ resolve }, i) => resolve(answers[i]!))
  } catch (cause) {
    all.forEach(({ reject }) => reject(cause))
  }
}
