/** Run as a process of its own: connects agents over every transport, closes everything, and prints what is left running. */
import { memoryTransport } from '../../../src/adapters/transport/memory'
import { webRtcTransport } from '../../../src/adapters/transport/webrtc'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import { createSignalingServer } from '../../../src/surfaces/signaling/index'
import type { Connection, Transport } from '../../../src/wire/index'

async function meetAndClose(listening: Transport, dialling: Transport): Promise<void> {
  const accepted: Connection[] = []
  const listener = await listening.listen!(connection => accepted.push(connection))
  const connection = await dialling.dial(listener.addresses[0]!)
  await connection.send(Uint8Array.of(1))
  await connection.close()
  await Promise.all(accepted.map(other => other.closed))
  await listener.close()
}

const server = await createSignalingServer()
const meeting = { signaling: server.url, room: 'exit' }
await meetAndClose(memoryTransport({ name: 'a' }), memoryTransport())
await meetAndClose(webSocketTransport({ listen: {} }), webSocketTransport())
await meetAndClose(webRtcTransport(meeting), webRtcTransport(meeting))
await server.close()
await new Promise(resolve => setTimeout(resolve, 50))

const running = process.getActiveResourcesInfo().filter(name => /Timeout|TCP|Immediate/.test(name))
process.stdout.write(JSON.stringify(running))
