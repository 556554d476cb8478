import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/** The server is ready for a query: the last message of its greeting. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
/** Begins the message that tells the number of the server's process. */
const PROCESS = Buffer.from([0x4b, 0, 0, 0, 12])

/**
 * Stands before a PostgreSQL server. Holds back its greeting until `end` has ended the server's process, so that a client
 * learns of both in one go.
 */
export async function breakingProxy(port: number, end: (pid: number) => Promise<unknown>) {
  const proxy = { port: 0, broken: 0, close: () => {} }
  const listener = createServer(client => {
    const server = connect(port, '127.0.0.1')
    let held = Buffer.alloc(0)
    let ending = false
    server.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      if (ending || !held.includes(READY)) return
      ending = true
      void end(held.readInt32BE(held.indexOf(PROCESS) + PROCESS.length))
    })
    server.on('close', () => {
      proxy.broken++
      client.end(held)
    })
    client.pipe(server)
    for (const socket of [client, server]) socket.on('error', () => {})
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  proxy.port = (listener.address() as AddressInfo).port
  proxy.close = () => void listener.close()
  return proxy
}
