import SimplePeer from 'simple-peer'
import { CosmicError } from '../base/index'
import type { PeerConstructor, SimplePeerPlatform } from './simple-peer.types'

export type * from './simple-peer.types'

export const Peer = SimplePeer as unknown as PeerConstructor

export const loadWrtc: SimplePeerPlatform['loadWrtc'] = async () => {
  try {
    const { default: wrtc } = await import('@roamhq/wrtc')
    return wrtc
  } catch (cause) {
    const name = '@roamhq/wrtc'
    const failure = { code: 'missing-peer', package: name, install: `npm install ${name}` } as const
    throw new CosmicError({ ...failure, hint: `WebRTC in Node needs ${name}` }, { cause })
  }
}
