import { expect, onTestFinished, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import { createSignalingServer } from '../../../src/surfaces/signaling/index'
import { memoryStorage, openBlockStore, type BlockStore, type StoredBlock } from '../../../src/store/index'
import { SESSION_LIMITS } from '../../../src/sync/index'
import type { Transport } from '../../../src/wire/index'
import { startAgent } from './agents'

const { window: WINDOW } = SESSION_LIMITS
const WIDE = 4_096
const COUNT = 330

/** A store whose puts wait until it is opened. */
async function gatedStore() {
  const store = await openBlockStore(memoryStorage())
  let open = () => {}
  const gate = new Promise<void>(resolve => (open = resolve))
  const put = (blocks: readonly StoredBlock[]) => gate.then(() => store.put(blocks))
  const gated = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      return name === 'put' ? put : typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { gated: gated as BlockStore, open: () => open() }
}

async function pair(name: string): Promise<{ holder: Transport; reader: Transport; address?: string }> {
  if (name === 'websocket') {
    return { holder: webSocketTransport({ listen: { port: 0 } }), reader: webSocketTransport() }
  }
  if (name === 'memory') {
    const network = memoryNetwork()
    return { holder: memoryTransport({ network, name: 'holder' }), reader: memoryTransport({ network }) }
  }
  const service = await createSignalingServer()
  onTestFinished(() => service.close())
  const candidateFilter = (candidate: string) => candidate.includes(' 127.0.0.1 ')
  const options = { signaling: service.url, room: 'slow', candidateFilter }
  return { holder: webRtcTransport(options), reader: webRtcTransport(options), address: 'met in the room' }
}

test.each(['memory', 'websocket', 'webrtc'])(
  'over %s a store that is slow stops the other side within its window, and all arrives once it goes on',
  async name => {
    const { holder, reader, address } = await pair(name)
    const full = await startAgent({ transports: [holder] })
    for (let i = 0; i < COUNT; i++) {
      const embedding = Float32Array.from({ length: WIDE }, (_, j) => Math.sin(i * WIDE + j))
      await full.publish({ model: 'test:wide', embedding, sky: false })
    }
    const { store, addresses } = await full.client.status()
    expect(store.bytes).toBeGreaterThan(1.2 * WINDOW)

    const { gated, open } = await gatedStore()
    const slow = await startAgent({ transports: [reader], storage: gated })
    if (!address) await slow.client.connect(addresses[0]!)
    const sent = async () => (await full.client.status()).peers[0]?.bytesOut ?? 0
    await expect.poll(sent, { timeout: 20_000 }).toBeGreaterThan(0.8 * WINDOW)
    // Several heartbeats' worth of turns: nothing more leaves.
    await new Promise(resolve => setTimeout(resolve, 500))
    const before = await sent()
    expect(before).toBeLessThan(1.1 * WINDOW)
    expect((await slow.client.status()).store.blocks).toBe(0)

    open()
    await expect.poll(async () => (await slow.client.status()).store.blocks, { timeout: 20_000 }).toBe(COUNT)
    await slow.client.waitForSync()
  },
  60_000,
)
