import { describe, expect, test } from 'vitest'
import { webRtcTransport } from '../../src/adapters/transport/webrtc'
import { createSignalingServer } from '../../src/surfaces/signaling/index'
import { transportSuite } from '../../src/testing/transport'

transportSuite(
  { describe, test, expect },
  {
    name: 'webrtc',
    async open() {
      const server = await createSignalingServer()
      const candidateFilter = (candidate: string) => candidate.includes(' 127.0.0.1 ')
      const options = { signaling: server.url, room: 'compliance', candidateFilter }
      return {
        listening: webRtcTransport(options),
        dialling: webRtcTransport(options),
        unreachable: ['webrtc:nobody'],
        malformed: ['webrtc:', 'webrtc://a/b', 'webrtc:a b', 'ws://127.0.0.1'],
        close: () => server.close(),
      }
    },
  },
)
