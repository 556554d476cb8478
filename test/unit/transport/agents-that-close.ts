/** Run as a process of its own: two agents sync over one transport, everything is closed, and what is left running is printed. */
import { httpTransport } from '../../../src/adapters/transport/http'
import { memoryTransport } from '../../../src/adapters/transport/memory'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import { createBlock, Signer, SyncClient } from '../../../src/index'
import { createSignalingServer } from '../../../src/surfaces/signaling/index'
import { serveFetch } from '../../tools/serve-fetch'
import type { Transport } from '../../../src/wire/index'

const candidateFilter = (candidate: string) => candidate.includes(' 127.0.0.1 ')

interface Pair {
  readonly listening: Transport
  readonly dialling: Transport
  /** Where the holder is dialled, unless it says so itself. */
  readonly address?: string
  close?(): unknown
}

async function transports(name: string): Promise<Pair> {
  if (name === 'memory') return { listening: memoryTransport({ name: 'a' }), dialling: memoryTransport() }
  if (name === 'websocket') return { listening: webSocketTransport({ listen: {} }), dialling: webSocketTransport() }
  if (name === 'http') {
    const listening = httpTransport({ listen: {} })
    const served = await serveFetch(request => listening.fetch(request))
    return { listening, dialling: httpTransport(), address: `${served.url}/sync`, close: served.close }
  }
  const server = await createSignalingServer()
  const meeting = { signaling: server.url, room: 'exit', candidateFilter }
  return { listening: webRtcTransport(meeting), dialling: webRtcTransport(meeting), close: () => server.close() }
}

const name = process.argv[2]!
const { listening, dialling, address, close } = await transports(name)
const signer = await Signer.generate()
const holder = new SyncClient({ signer, transports: [listening] })
await holder.start()
await holder.publish(await createBlock({ embedding: [1, 2], model: 'acme:exit', sky: false }, signer))
const reader = new SyncClient({ signer: await Signer.generate(), transports: [dialling] })
const stored = new Promise(resolve => reader.on('block', resolve))
await reader.start()
if (name !== 'webrtc') await reader.connect(address ?? (await holder.status()).addresses[0]!)
await stored
await reader.waitForSync()
await reader.close()
await holder.close()
await close?.()
await new Promise(resolve => setTimeout(resolve, 50))

const running = process.getActiveResourcesInfo().filter(resource => /Timeout|TCP|Immediate/.test(resource))
process.stdout.write(JSON.stringify(running))
