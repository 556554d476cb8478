import type { Mutation } from './mutations'

/** Faults in what strangers may bring: how much, how much that has to wait, and under whose signature. */
export const STRANGER_MUTATIONS: readonly Mutation[] = [
  {
    name: 'bear more bytes than were granted',
    shownBy: 'strangers-at-the-door',
    file: 'sync/session-fetch.ts',
    line: "if (state.grantedBytes < 0) return endForFault(context, 'blocks', { limit: SESSION_LIMITS.window })",
    becomes: '',
  },
  {
    name: 'take any copy of a held block as verified',
    shownBy: 'strangers-at-the-door',
    file: 'ingest/ingest.ts',
    line: '|| !equal(known.block.bytes, opened.value.block.bytes)) return undefined',
    becomes: ') return undefined',
  },
  {
    name: 'let one source fill the room of what waits for its time',
    shownBy: 'strangers-at-the-door',
    file: 'ingest/deferral-room.ts',
    line: 'this.#shares = local ? [room] : [room, quota]',
    becomes: 'this.#shares = quota ? [room] : []',
  },
]
