import SimplePeer from 'simple-peer/simplepeer.min.js'
import { CosmicError } from '../base/index'
import type { PeerConstructor, SimplePeerPlatform } from './simple-peer.types'

export type * from './simple-peer.types'

export const Peer = SimplePeer as unknown as PeerConstructor

export const loadWrtc: SimplePeerPlatform['loadWrtc'] = async () => {
  if (typeof RTCPeerConnection === 'undefined') {
    throw new CosmicError({ code: 'no-transport', hint: 'this runtime has no WebRTC (workers have none)' })
  }
  return undefined
}
