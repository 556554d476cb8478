import type { CarrierHost, CarriedBlock } from '../../../wire/index'
import type { ConnectedNats } from './connect'
import { backoff, pause } from './waits'

/** Blocks published at once. At most 16 MiB: an envelope has 256 KiB. */
const BATCH = 64
/** How long a server may take to confirm that it keeps a block. */
const CONFIRM_MS = 2_500

export interface PublisherEvents {
  published(blocks: number): void
  failed(error: unknown): void
}

/**
 * Hands the node's blocks to the stream, each until a server has confirmed that it is kept.
 *
 * 1. The node's place moves only after every block before it was confirmed; what is not confirmed is published again.
 * 2. A block's id is its message id: within the stream's window of duplicates it is kept once, whoever publishes it how often.
 */
export async function publishAll(
  { stream }: ConnectedNats,
  subject: string,
  host: CarrierHost,
  { closing, ended }: { readonly closing: AbortSignal; readonly ended: AbortSignal },
  events: PublisherEvents,
): Promise<void> {
  const publish = ({ id, bytes }: CarriedBlock) => stream.publish(subject, bytes, { msgID: id, timeout: CONFIRM_MS })
  for (let failures = 0; !ended.aborted;) {
    try {
      const blocks = await host.outgoing(BATCH, closing)
      if (blocks.length === 0) return
      let left = blocks
      while (left.length > 0 && !ended.aborted) {
        const results = await Promise.allSettled(left.map(publish))
        left = left.filter((_, i) => results[i]!.status === 'rejected')
        if (left.length === 0) break
        events.failed((results.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason)
        await pause(backoff(++failures), ended)
      }
      if (left.length > 0) return
      await host.confirmed()
      events.published(blocks.length)
      failures = 0
    } catch (error) {
      // The node's own storage.
      events.failed(error)
      await pause(backoff(++failures), ended)
    }
  }
}
