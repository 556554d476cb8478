import type { IngestResult, Interests, SessionCollections, SessionEffect, SessionEvent, SyncItem } from '../sync/index'
import type { Collection } from '../sync/index'
import type { Requests } from './requests'
import type { SessionLogs } from './session-logs'

/** What a session reads from and writes to its node. */
export interface SessionHost {
  /** Without `bytes`: not held, or not what the interests (where given) want. */
  load(
    ids: readonly string[],
    interests?: Interests,
  ): Promise<readonly { readonly id: string; readonly bytes?: Uint8Array }[]>
  ingest(
    blocks: readonly { readonly id: string; readonly bytes: Uint8Array }[],
    peer: string,
    interests?: Interests,
  ): Promise<readonly IngestResult[]>
  /** What all sessions have asked for; without it a session knows of its own alone. */
  readonly requests?: Requests
  /** Where sessions may go on from the arrival logs: without it, each begins with an audit. */
  readonly logs?: SessionLogs
  /** Where each side may say what it wants: without it, each wants everything. */
  readonly interests?: HostInterests
}

/** What a node wants, and the sets by which sessions compare parts of what it holds. `user` is whoever needs one. */
export interface HostInterests extends SessionCollections {
  collect(user: object, collection: Collection): Promise<boolean>
  keep(user: object, collections: readonly Collection[]): void
  /** Those of the items that the interests want. */
  choose(items: readonly SyncItem[], interests: Interests): Promise<readonly SyncItem[]>
}

/** The effects of a session that its host answers with an event. */
export type AskingEffect = Extract<
  SessionEffect,
  { readonly type: 'load' | 'ingest' | 'replay' | 'position' | 'collect' | 'choose' }
>

/** Has the host do what the session of `user` with `peer` asks for. */
export async function answerOf(
  effect: AskingEffect,
  host: SessionHost,
  peer: string,
  user: object,
): Promise<SessionEvent> {
  switch (effect.type) {
    case 'load':
      return { type: 'loaded', blocks: await host.load(effect.ids, effect.interests) }
    case 'ingest': {
      const { batch, blocks, interests } = effect
      return { type: 'ingested', batch, results: await host.ingest(blocks, peer, interests) }
    }
    case 'replay': {
      const items = await host.logs!.replay(peer, effect.cursor)
      return { type: 'replayed', ...(items && { items }) }
    }
    case 'position': {
      const cursor = await host.logs!.position(peer)
      return { type: 'position', ...(cursor && { cursor }) }
    }
    case 'collect':
      return { type: 'collected', ok: await host.interests!.collect(user, effect.collection) }
    case 'choose':
      return { type: 'chosen', items: await host.interests!.choose(effect.items, effect.interests) }
  }
}
