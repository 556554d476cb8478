import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Signaling } from '../../../src/wire/index'

/** The words of a link that name addresses. */
type Words = { signal?: { type: string; sdp?: string; candidate?: { candidate: string } } }

/**
 * All packets between members of a room, led over a relay on loopback that can hold the line dead: `through` rewrites the
 * candidates that members tell each other, so that each finds a door of the relay where the other should be.
 */
export class UdpPath {
  down = false
  /** What stands for the socket at this port, towards everybody else. */
  readonly #doors = new Map<number, Promise<Socket>>()

  /** The signaling with its candidates led over this path. */
  through(signaling: Signaling): Signaling {
    return {
      join: async (name, handlers, options) => {
        const room = await signaling.join(name, handlers, options)
        let last: Promise<unknown> = Promise.resolve()
        const send = (to: string, data: unknown) => {
          last = Promise.all([this.#rewritten(data as Words), last]).then(([words]) => words && room.send(to, words))
        }
        return { ...room, send }
      },
    }
  }

  async close(): Promise<void> {
    for (const door of await Promise.all(this.#doors.values())) door.close()
  }

  async #rewritten(words: Words): Promise<Words | undefined> {
    const { signal } = words
    if (signal?.sdp) {
      const sdp = signal.sdp.replaceAll(/a=candidate:.*\r\n/g, '')
      return { ...words, signal: { ...signal, sdp } }
    }
    if (!signal?.candidate) return words
    const fields = signal.candidate.candidate.split(' ')
    if (fields[2]?.toLowerCase() !== 'udp') return undefined
    fields[5] = String((await this.#door(Number(fields[5]))).address().port)
    return { ...words, signal: { ...signal, candidate: { ...signal.candidate, candidate: fields.join(' ') } } }
  }

  #door(port: number): Promise<Socket> {
    const door = this.#doors.get(port) ?? this.#open(port)
    this.#doors.set(port, door)
    return door
  }

  async #open(port: number): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 })
    socket.on('message', (packet, from) => void this.#carry(packet, from.port, port))
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }

  async #carry(packet: Buffer, from: number, to: number): Promise<void> {
    const door = await this.#door(from)
    if (!this.down) door.send(packet, to, '127.0.0.1')
  }
}
