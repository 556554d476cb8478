import { CosmicError } from '../../../base/index'
import type { CarrierHost, CarriedBlock } from '../../../wire/index'
import type { ConnectedNats } from './connect'
import { backoff, pause } from './waits'

/** Blocks published at once. At most 16 MiB: an envelope has 256 KiB. */
const BATCH = 64
/** How long a server may take to confirm that it keeps a block. */
const CONFIRM_MS = 2_500

/** A block that a server refuses for its size is left to audits: a stream whose limit is lower than ours takes none like it. */
const TOO_LARGE = 10_054
/** After so many failures in a row nothing goes. */
const STUCK = 2

export interface PublisherEvents {
  published(blocks: number): void
  failed(error: unknown): void
  /** Whether blocks go. */
  goes(goes: boolean): void
}

/**
 * Hands the node's blocks to the stream, each until a server has confirmed that it is kept.
 *
 * 1. The node's place moves only after every block before it was confirmed; what is not confirmed is published again.
 * 2. A block's id is its message id: within the stream's window of duplicates it is kept once, whoever publishes it how often.
 * 3. A block that the stream will never take holds up none that comes after it.
 */
export async function publishAll(
  { stream }: ConnectedNats,
  subject: string,
  host: CarrierHost,
  { closing, ended }: { readonly closing: AbortSignal; readonly ended: AbortSignal },
  events: PublisherEvents,
): Promise<void> {
  const publish = ({ id, bytes }: CarriedBlock) => stream.publish(subject, bytes, { msgID: id, timeout: CONFIRM_MS })
  let failures = 0
  const failed = async (error: unknown) => {
    events.failed(error)
    if (++failures >= STUCK) events.goes(false)
    await pause(backoff(failures), ended)
  }
  while (!ended.aborted) {
    try {
      const blocks = await host.outgoing(BATCH, closing)
      if (blocks.length === 0) return
      let last = 0
      let published = 0
      let left = blocks
      while (left.length > 0 && !ended.aborted) {
        const results = await Promise.allSettled(left.map(publish))
        for (const result of results) if (result.status === 'fulfilled') last = Math.max(last, result.value.seq)
        published += results.filter(({ status }) => status === 'fulfilled').length
        const { again, errors } = sift(left, results)
        errors.forEach(error => events.failed(error))
        left = again.map(({ block }) => block)
        if (again[0]) await failed(again[0].reason)
      }
      if (left.length > 0) return
      await host.confirmed(last)
      events.published(published)
      events.goes(true)
      failures = 0
    } catch (error) {
      // The node's own storage.
      await failed(error)
    }
  }
}

/** What is published again, with the reason of its failure; and the refusals that another attempt would not change. */
function sift(blocks: readonly CarriedBlock[], results: readonly PromiseSettledResult<unknown>[]) {
  const again: { block: CarriedBlock; reason: unknown }[] = []
  const errors: CosmicError[] = []
  for (const [i, result] of results.entries()) {
    if (result.status === 'fulfilled') continue
    const block = blocks[i]!
    const { reason } = result
    if (!isTooLarge(reason)) again.push({ block, reason })
    else errors.push(tooLarge(block, reason))
  }
  return { again, errors }
}

function isTooLarge(reason: unknown): boolean {
  const { code, name, message = '' } = reason as Error & { code?: number }
  return code === TOO_LARGE || (name === 'InvalidArgumentError' && message.includes('max_payload'))
}

function tooLarge({ id, bytes }: CarriedBlock, cause: unknown): CosmicError {
  const message = `the stream takes no block of ${bytes.length} bytes: ${id} is left to sessions with peers`
  return new CosmicError({ code: 'too-large', field: 'block', message }, { cause })
}
