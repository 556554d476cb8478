import { CosmicError } from '../base/index'
import type { MessageSocket, WebSocketPlatform } from './web-socket.types'

export type * from './web-socket.types'

export const openWebSocket: WebSocketPlatform['openWebSocket'] = url => {
  if (typeof WebSocket === 'undefined') throw new CosmicError({ code: 'no-transport', hint: 'no WebSocket here' })
  return new WebSocket(url) as unknown as MessageSocket
}

export const createWebSocketServer: WebSocketPlatform['createWebSocketServer'] = () => {
  const hint = 'only Node can accept WebSocket connections; dial from here, or meet over WebRTC'
  return Promise.reject(new CosmicError({ code: 'no-transport', hint }))
}
