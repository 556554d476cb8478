import { CosmicError, type Emitter } from '../base/index'
import type { Block } from '../block/index'
import type { ClientEvents } from './events'

/** All given conditions must hold; `tags` means every one of them. */
export interface BlockFilter {
  readonly kind?: string
  readonly author?: string
  readonly model?: string
  readonly tags?: readonly string[]
}

/** The most blocks that wait for a slow reader. Beyond it the subscription ends with `limit`, so that nothing is lost silently. */
export const MAX_WAITING_BLOCKS = 10_000

/** The client's `block` events as an async iterable that starts listening at once. */
export function subscribe(
  events: Emitter<ClientEvents>,
  filter: BlockFilter,
  signal?: AbortSignal,
): AsyncIterable<Block> {
  const waiting: Block[] = []
  let wake: (() => void) | undefined
  let end: { error?: CosmicError } | undefined = signal?.aborted ? {} : undefined
  const finish = (error?: CosmicError) => {
    end ??= error ? { error } : {}
    stops.forEach(stop => stop())
    wake?.()
  }
  const onAbort = () => finish()
  signal?.addEventListener('abort', onAbort)
  const stops = [
    events.on('block', ({ block }) => {
      if (!matches(block, filter)) return
      if (waiting.length >= MAX_WAITING_BLOCKS) {
        return finish(
          new CosmicError({
            code: 'limit',
            field: 'subscription',
            limit: MAX_WAITING_BLOCKS,
            hint: 'read faster, or query',
          }),
        )
      }
      waiting.push(block)
      wake?.()
    }),
    events.on('closed', () => finish()),
    () => signal?.removeEventListener('abort', onAbort),
  ]
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const next = waiting.shift()
          if (next) yield next
          else if (end?.error) throw end.error
          else if (end) return
          else await new Promise<void>(resolve => (wake = resolve))
        }
      } finally {
        finish()
      }
    },
  }
}

/** Whether a block meets every condition. */
export function matches(block: Block, { kind, author, model, tags }: BlockFilter): boolean {
  if (kind !== undefined && block.kind !== kind) return false
  if (author !== undefined && block.author !== author) return false
  if (model !== undefined && (block.opaque || block.kind !== 'embedding' || block.embedding.model !== model))
    return false
  return !tags || (!block.opaque && tags.every(tag => block.tags?.includes(tag)))
}
