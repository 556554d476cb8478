import { describe, expect, test } from 'vitest'
import { webSocketTransport } from '../../src/adapters/transport/websocket'
import { transportSuite } from '../../src/testing/transport'

transportSuite(
  { describe, test, expect },
  {
    name: 'websocket',
    async open() {
      return {
        listening: webSocketTransport({ listen: {} }),
        dialling: webSocketTransport(),
        unreachable: ['ws://127.0.0.1:1', 'ws://nobody.invalid:8000/'],
        malformed: ['ws://', 'http://127.0.0.1', 'ws://127.0.0.1:99999', 'ws://127.0.0.1:80/#fragment', 'webrtc:x'],
        close: async () => {},
      }
    },
  },
)
