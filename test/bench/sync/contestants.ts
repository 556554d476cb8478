import type { Contestant } from './contestant'
import { pouchdb, rxdb } from './databases'
import { automerge, yjs } from './documents'
import { hypercore } from './hypercore'
import { oursOverWebRtc, oursOverWebSocket } from './ours'
import { oursOverNats } from './ours-over-nats'

/** Each answers `undefined`, having said so, when its package cannot be had. */
export const CONTESTANTS = {
  websocket: () => oursOverWebSocket,
  webrtc: () => oursOverWebRtc,
  nats: oursOverNats,
  hypercore,
  yjs,
  rxdb,
  pouchdb,
  automerge,
} satisfies Record<string, () => Contestant | undefined>

export type ContestantName = keyof typeof CONTESTANTS
