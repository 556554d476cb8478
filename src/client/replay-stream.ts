import { loadOnce, type Emitter } from '../base/index'
import type { ClientEvents } from './events'
import type { Running } from './running'
import type { BlockFilter, BlockStream, SubscribeOptions } from './subscription'

const loadReplay = /* @__PURE__ */ loadOnce(() => import('./replay'))

/** The stream of a client from a place of its arrival log on. What keeps it from opening, `next` tells. */
export function replayStream(
  running: Promise<Running>,
  events: Emitter<ClientEvents>,
  filter: BlockFilter,
  options: SubscribeOptions,
): BlockStream {
  const opening = open(running, events, filter, options)
  let opened: BlockStream | undefined
  opening.then(stream => (opened = stream)).catch(() => {})
  return {
    get cursor() {
      return opened?.cursor
    },
    next: async () => (await opening).next(),
    return: async () => (await opening).return(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function open(
  running: Promise<Running>,
  events: Emitter<ClientEvents>,
  filter: BlockFilter,
  options: SubscribeOptions,
): Promise<BlockStream> {
  const { store, verdicts } = await running
  const { Replay } = await loadReplay()
  return Replay.open({ store, events, admits: stored => verdicts.admits(stored) }, filter, options)
}
