import { describe, expect, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../src/adapters/transport/memory'
import { transportSuite } from '../../src/testing/transport'

transportSuite(
  { describe, test, expect },
  {
    name: 'memory',
    async open() {
      const network = memoryNetwork()
      return {
        listening: memoryTransport({ network, name: 'alice' }),
        dialling: memoryTransport({ network }),
        unreachable: ['memory://nobody'],
        malformed: ['memory://', 'memory:alice', 'ws://alice', 'memory://a b'],
        close: async () => {},
      }
    },
  },
)
