import { timeSlices } from '#platform'
import {
  abortSignal,
  anything,
  CosmicError,
  type Failure,
  func,
  record,
  type Result,
  throwIfAborted,
  unlessAborted,
} from '../base/index'
import type { VerifiedBlock } from '../block/index'
import { openSource, type BlockSource } from './block-source'
import type { Check, Grades } from './verdict'
import { IN_POOL, verifyBytes } from './verify-bytes'

/** What the bytes of one block say; whether a policy admits it is for `CosmicValidator`. */
export interface BulkVerification {
  /** Place in the source, from 0. */
  readonly index: number
  readonly result: Result<VerifiedBlock>
  readonly checks: readonly Check[]
  readonly grades: Grades
  /** Why nobody with this version of the library admits the block, though it is valid: a kind or sky profile that it does not know. */
  readonly unknown?: Failure
}

/** How far a run has come. */
export interface VerifyProgress {
  readonly blocks: number
  readonly valid: number
  readonly invalid: number
  /** Of the envelopes. */
  readonly bytes: number
}

export interface VerifyBlocksOptions {
  /** Ends the run with `aborted`, also while the source is silent. */
  readonly signal?: AbortSignal
  /** Called for each block just before its result is handed out. */
  readonly onProgress?: (progress: VerifyProgress) => void
  /** Blocks read ahead of the one that is handed out, which bounds the memory held: 1 … 1024, default 64. */
  readonly concurrency?: number
}

const readOptions = /* @__PURE__ */ record<VerifyBlocksOptions>({
  signal: abortSignal,
  onProgress: func,
  concurrency: anything,
})
const DEFAULT_CONCURRENCY = 64
const LARGEST_CONCURRENCY = 1024

/**
 * Verifies many blocks; the results come in the order of the source. The judgement on each is the one that
 * `CosmicValidator` makes of its bytes, without a policy. Signatures are checked side by side: in Node on libuv's thread
 * pool (four threads unless `UV_THREADPOOL_SIZE` says otherwise), elsewhere by WebCrypto. Without native Ed25519 they are
 * checked in JavaScript, three times as fast for authors who come often.
 *
 * Whoever stops iterating ends the run and closes the source. When the source fails, all results before the fault are
 * handed out, then its error is thrown as it is. Throws `bad-type` for a source that is none, `out-of-range` for an
 * impossible `concurrency`, and `aborted` once the signal fires.
 *
 * @param source one envelope an item
 * @example
 * ```ts
 * for await (const { index, result } of verifyBlocks(envelopes)) {
 *   if (!result.ok) console.log(`block ${index} is invalid: ${result.error.code}`)
 * }
 * ```
 */
export async function* verifyBlocks(
  source: BlockSource,
  options: VerifyBlocksOptions = {},
): AsyncGenerator<BulkVerification, void, undefined> {
  const { signal, onProgress, concurrency = DEFAULT_CONCURRENCY } = readOptions(options, '')
  checkConcurrency(concurrency)
  throwIfAborted(signal)
  const input = openSource(source)
  const breathe = timeSlices()
  const slots: Promise<Slot | undefined>[] = []
  let progress: VerifyProgress = { blocks: 0, valid: 0, invalid: 0, bytes: 0 }
  let reading: Promise<unknown> = Promise.resolve()
  let index = 0

  /** Reads one item after the other, and verifies it as soon as it is there. */
  const reserve = (): void => {
    const item = reading.then(breathe).then(() => input.next())
    reading = item
    const at = index++
    const slot = item.then(({ done, value }) => (done ? undefined : verifyOne(at, value as Uint8Array)))
    // A fault is told when its turn has come.
    slot.catch(() => undefined)
    slots.push(slot)
  }

  try {
    for (;;) {
      while (slots.length < concurrency) reserve()
      const slot = await unlessAborted(slots.shift()!, signal)
      if (slot === undefined) return
      progress = add(progress, slot)
      onProgress?.(progress)
      yield slot.verification
      throwIfAborted(signal)
    }
  } finally {
    input.close()
  }
}

interface Slot {
  readonly verification: BulkVerification
  readonly bytes: number
}

async function verifyOne(index: number, envelope: Uint8Array): Promise<Slot> {
  const { result, checks, grades, unknown } = await verifyBytes(envelope, IN_POOL)
  const verification = { index, result, checks: checks.list(), grades, ...(unknown && { unknown }) }
  // An item that is no envelope at all has no length.
  return { verification, bytes: envelope?.byteLength ?? 0 }
}

function add({ blocks, valid, invalid, bytes }: VerifyProgress, slot: Slot): VerifyProgress {
  const { ok } = slot.verification.result
  return {
    blocks: blocks + 1,
    valid: valid + (ok ? 1 : 0),
    invalid: invalid + (ok ? 0 : 1),
    bytes: bytes + slot.bytes,
  }
}

function checkConcurrency(concurrency: number): void {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= LARGEST_CONCURRENCY) return
  throw new CosmicError({ code: 'out-of-range', field: 'concurrency', limit: `1 … ${LARGEST_CONCURRENCY}` })
}
