import type { SessionStep } from '../../client/index'
import type { Interests, ReconcileSet, SessionState, SetItem } from '../../sync/index'
import type { Life } from '../life'
import type { SimulatedNode } from '../simulated-node'
import { SessionAccount } from './session-account'

/** What is known of one session of an honest node from outside. */
export interface WatchedSession {
  readonly node: SimulatedNode
  readonly life: Life | undefined
  readonly peer: string
  /** The other side is an honest node. */
  readonly isHonest: boolean
  readonly state: SessionState
  readonly set: ReconcileSet
  readonly account: SessionAccount
  /** Names the channel, at both ends; of honest ones only. */
  channel: string | undefined
  /** Messages that were sent to an honest node, and how many of them it has heard. */
  unheard: Uint8Array[]
  heard: number
  /** By the number of an audit: what this side's set held when it began. */
  readonly compared: Map<number, readonly SetItem[]>
  /** Where the last of them ended. */
  ceiling: number
  /**
   * What the next answer that it is synced is held against: members of this side's set that came since the last one (all, if
   * there was none), and items that the peer has told of.
   */
  readonly unproven: { own: SetItem[] | undefined; heard: SetItem[] }
  /** It has shown as synced. */
  wasSynced: boolean
  /** Ids that were asked for and are not answered yet. */
  readonly asked: Set<string>
  /** A hello was sent; one was accepted. */
  greeted: boolean
  wasGreeted: boolean
  closed: boolean
  /** All that this side has told its peer to want. */
  readonly told: Set<Interests>
  /** Floors told so far. */
  floor: number
  peerFloor: number
}

export function watchedSession(node: SimulatedNode, { peer, state, set }: SessionStep): WatchedSession {
  return {
    ...{ node, life: node.life, peer, state, set, isHonest: node.world.nodeOf(peer) !== undefined },
    account: new SessionAccount(),
    ...{ channel: undefined, unheard: [], heard: 0, compared: new Map(), asked: new Set(), told: new Set() },
    ...{ greeted: false, wasGreeted: false, closed: false, floor: 0, peerFloor: 0 },
    ...{ ceiling: Infinity, unproven: { own: undefined, heard: [] }, wasSynced: false },
  }
}

/** It has not ended, and neither has the process that it runs in. */
export function isUnderWay({ closed, life }: WatchedSession): boolean {
  return !closed && life?.alive === true
}
