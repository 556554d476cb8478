import type { PeerInstance } from '#simple-peer'

const CHECK_MS = 500
/** Checks in a row that find the path down before the other side counts as gone: 2 s for a path that comes back. */
const MAX_CHECKS_DOWN = 4

/**
 * Calls `lost` when the path to the other side stays down. ICE notices 5 to 8 s after the last packet (its own timers; the
 * state `disconnected` of W3C WebRTC, RTCIceConnectionState) and goes on trying for 10 s more, which nobody needs who can dial
 * again. Returns what ends the watch.
 */
export function watchPath(peer: PeerInstance, lost: () => void): () => void {
  let down = 0
  const timer = setInterval(() => {
    down = peer._pc?.iceConnectionState === 'disconnected' ? down + 1 : 0
    if (down > MAX_CHECKS_DOWN) lost()
  }, CHECK_MS)
  return () => clearInterval(timer)
}
