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
  }
}

/** It has not ended, and neither has the process that it runs in. */
export function isUnderWay({ closed, life }: WatchedSession): boolean {
  return !closed && life?.alive === true
}
