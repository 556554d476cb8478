import SimplePeer from 'simple-peer'
import { loadPeer } from '../base/index'
import type { PeerConstructor, SimplePeerPlatform } from './simple-peer.types'

export type * from './simple-peer.types'

export const Peer = SimplePeer as unknown as PeerConstructor

export const loadWrtc: SimplePeerPlatform['loadWrtc'] = () =>
  loadPeer('@roamhq/wrtc', async () => (await import('@roamhq/wrtc')).default)
