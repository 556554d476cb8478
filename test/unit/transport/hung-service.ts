import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { Signer, SyncClient, type SyncClientOptions } from '../../../src/index'

/** A service that takes connections and leaves whoever speaks to it waiting, from the first word on or from the first question. */
export async function hung(speak: (socket: Socket) => void): Promise<{ address: string; met: Promise<void> }> {
  const sockets: Socket[] = []
  let meet = () => {}
  const met = new Promise<void>(resolve => (meet = resolve))
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}))
    speak(socket)
    meet()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    sockets.forEach(socket => socket.destroy())
    server.close()
  })
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, met }
}

/** Closes a client `when` it is starting; answers after how many milliseconds that was done. */
export async function closedWhileStarting(
  options: Partial<SyncClientOptions>,
  when: Promise<unknown>,
): Promise<number> {
  const client = new SyncClient({ signer: await Signer.generate(), ...options })
  const starting = client.start()
  const refused = expect(starting).rejects.toMatchObject({ code: 'closed' })
  await when
  const before = performance.now()
  await client.close()
  const took = performance.now() - before
  await refused
  return took
}
