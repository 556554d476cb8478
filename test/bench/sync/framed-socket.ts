import net from 'node:net'
import { once } from 'node:events'

/** Whole messages over TCP, each behind its length, for contestants that bring no transport of their own. */
export class FramedSocket {
  readonly #socket: net.Socket
  readonly #messages: AsyncIterator<Uint8Array>

  constructor(socket: net.Socket) {
    this.#socket = socket
    this.#messages = messagesOf(socket)
  }

  static async connect(port: number): Promise<FramedSocket> {
    const socket = net.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new FramedSocket(socket)
  }

  send(message: Uint8Array): void {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(message.length)
    this.#socket.write(length)
    this.#socket.write(message)
  }

  /** The next message; `undefined` when the other side has ended. */
  async receive(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#messages.next()
    return done ? undefined : value
  }

  end(): void {
    this.#socket.end()
  }
}

async function* messagesOf(socket: net.Socket): AsyncGenerator<Uint8Array, void, undefined> {
  let [chunks, length]: [Buffer[], number] = [[], 0]
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    for (let most = needed(chunks); length >= most; most = needed(chunks)) {
      const all = Buffer.concat(chunks)
      yield all.subarray(4, most)
      chunks = [all.subarray(most)]
      length = all.length - most
    }
  }
}

/** Bytes of the first message with its length, as far as that is known. */
function needed(chunks: Buffer[]): number {
  if ((chunks[0]?.length ?? 0) < 4 && chunks.length > 1) chunks.splice(0, 2, Buffer.concat(chunks.slice(0, 2)))
  const [first] = chunks
  return first && first.length >= 4 ? 4 + first.readUInt32BE() : Infinity
}

/** Serves one conversation at a time to whoever connects. */
export async function serveFramed(
  converse: (socket: FramedSocket) => Promise<void>,
): Promise<{ address: string; close(): Promise<void> }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    void converse(new FramedSocket(socket)).catch(error => socket.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: String((server.address() as net.AddressInfo).port),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
