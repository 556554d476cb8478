import type { MessageSocket } from '#web-socket'

const CLOSED = 3
/** How long the other side may take over its half of the closing handshake. */
const CLOSE_MS = 2_000

/** Ends a socket with a closing handshake, or without one after a few seconds. Never rejects. */
export function closeSocket(socket: MessageSocket, code: number): Promise<void> {
  if (socket.readyState === CLOSED) return Promise.resolve()
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      discardSocket(socket)
      resolve()
    }, CLOSE_MS)
    socket.addEventListener('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.close(code)
  })
}

/** Drops a socket in any state, without a handshake where the runtime can. */
export function discardSocket(socket: MessageSocket): void {
  if (socket.terminate) socket.terminate()
  else socket.close()
}
