import type { Emitter } from '../base/index'
import type { ClientEvents } from './events'
import { loadOnDemand } from './load-on-demand'
import type { Running } from './running'
import { readFilter, readSubscribeOptions } from './check-options'
import { Subscription, type BlockFilter, type BlockStream, type SubscribeOptions } from './subscription'

/** The stream of a client, from now on or, with `after`, from a place of its arrival log on. */
export function openStream(
  running: () => Promise<Running>,
  events: Emitter<ClientEvents>,
  isClosed: boolean,
  filter: BlockFilter,
  options: SubscribeOptions,
): BlockStream {
  const [wanted, asked] = [readFilter(filter, 'filter'), readSubscribeOptions(options, '')]
  if (asked.after !== undefined) return replayStream(running(), events, wanted, asked)
  return new Subscription(events, wanted, isClosed ? AbortSignal.abort() : asked.signal)
}

/** The stream of a client from a place of its arrival log on. What keeps it from opening, `next` tells. */
function replayStream(
  running: Promise<Running>,
  events: Emitter<ClientEvents>,
  filter: BlockFilter,
  options: SubscribeOptions,
): BlockStream {
  const stream: BlockStream & { cursor?: string | undefined } = {
    next: async () => follow(await opening),
    return: async () => (await opening).return(),
    [Symbol.asyncIterator]: () => stream,
  }
  const follow = async (opened: BlockStream) => {
    const result = await opened.next()
    stream.cursor = opened.cursor
    return result
  }
  const opening = loadOnDemand().then(async ({ openReplay }) => openReplay(await running, events, filter, options))
  opening.then(({ cursor }) => (stream.cursor ??= cursor)).catch(() => {})
  return stream
}
