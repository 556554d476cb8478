import { nextTurn } from '#platform'
import { CosmicError, record, such, text, type Failure } from '../../base/index'
import type { Connection, Listener, Transport } from '../../wire/index'
import { LOW_WATER_BYTES, MessageConnection, type MessagePipe, weight } from './message-connection'

/** Where the memory transports of one process meet. Opaque: made by `memoryNetwork`. */
export interface MemoryNetwork {
  /** Names in use and who accepts connections for them. */
  readonly listeners: Map<string, (connection: Connection) => void>
  /** How many unnamed transports have joined. */
  unnamed: number
}

export interface MemoryTransportOptions {
  /** Who can be reached; one network shared by the whole process when absent. */
  readonly network?: MemoryNetwork
  /** The transport's own name: others dial `memory://name`. A free one is given when absent. */
  readonly name?: string
}

const readOptions = record<MemoryTransportOptions>({
  network: such<MemoryNetwork>(value => (value as MemoryNetwork | null)?.listeners instanceof Map, 'memoryNetwork()'),
  name: text,
})

const sharedNetwork = memoryNetwork()

/** A network of its own: transports on different networks cannot reach each other. */
export function memoryNetwork(): MemoryNetwork {
  return { listeners: new Map(), unnamed: 0 }
}

/**
 * Connects agents of one process. Messages are copied and arrive asynchronously, in order, with back-pressure.
 *
 * `dial` rejects with `bad-address` (not `memory://name`), `unreachable` or `aborted`;
 * `listen` with `address-in-use` when the name is taken.
 *
 * @example
 * ```ts
 * const alice = memoryTransport({ name: 'alice' })
 * await alice.listen?.(connection => connection.onMessage(message => console.log(message)))
 * const connection = await memoryTransport().dial('memory://alice')
 * await connection.send(Uint8Array.of(1, 2, 3))
 * ```
 */
export function memoryTransport(options: MemoryTransportOptions = {}): Transport {
  const { network = sharedNetwork, name } = readOptions(options, '')
  const own = name ?? `agent-${++network.unnamed}`
  return {
    schemes: ['memory'],
    dial: (address, { signal } = {}) => dial(network, own, address, signal),
    listen: onConnection => listen(network, own, onConnection),
  }
}

async function listen(
  { listeners }: MemoryNetwork,
  name: string,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const address = `memory://${name}`
  if (!ADDRESS.test(address)) throw new CosmicError({ code: 'bad-address', field: 'name', hint: HINT })
  if (listeners.has(name)) throw new CosmicError({ code: 'address-in-use', message: `${address} is taken` })
  listeners.set(name, onConnection)
  const close = async () => {
    if (listeners.get(name) === onConnection) listeners.delete(name)
  }
  return { addresses: [address], close }
}

async function dial(
  network: MemoryNetwork,
  self: string,
  address: string,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const name = ADDRESS.exec(address)?.[1]
  if (name === undefined) throw new CosmicError({ code: 'bad-address', field: 'address', hint: HINT })
  await new Promise<void>(nextTurn)
  if (signal?.aborted) throw new CosmicError({ code: 'aborted' })
  const accept = network.listeners.get(name)
  if (!accept) throw new CosmicError({ code: 'unreachable', message: `nobody listens at ${address}` })
  const here = new MemoryEnd(address, true)
  const there = new MemoryEnd(`memory://${self}`, false)
  here.other = there
  there.other = here
  accept(there.connection)
  return here.connection
}

const ADDRESS = /^memory:\/\/([^\s/?#]{1,255})$/
const HINT = 'memory://name'

/** One end of a connection: the queue of what it has sent and the other end has not taken. */
class MemoryEnd implements MessagePipe {
  readonly connection: MessageConnection
  other!: MemoryEnd
  buffered = 0
  readonly #queue: Uint8Array[] = []
  #notify: (() => void) | undefined
  #scheduled = false
  #reading = true
  #ended = false
  #reason: Failure | undefined

  constructor(remote: string, initiator: boolean) {
    this.connection = new MessageConnection(this, { remote, initiator })
  }

  write(message: Uint8Array): void {
    this.#queue.push(message)
    this.buffered += weight(message)
    this.#schedule()
  }

  whenDrained(notify: () => void): void {
    this.#notify = notify
  }

  pause(): void {
    this.#reading = false
  }

  resume(): void {
    this.#reading = true
    this.other.#schedule()
  }

  async close(failure: Failure | undefined): Promise<void> {
    this.#ended = true
    this.#reason = failure && { code: failure.code, message: 'the other side ended the connection' }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // A later turn, so that two agents that talk never starve timers.
    nextTurn(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  /** An end does not wait for a paused reader: what was sent before it is handed over with it. */
  #deliver(): void {
    while (this.#queue.length > 0 && (this.other.#reading || this.#ended)) {
      const message = this.#queue.shift()!
      this.buffered -= weight(message)
      this.other.connection.receive(message)
    }
    if (this.#ended) this.other.connection.end(this.#reason)
    if (this.buffered > LOW_WATER_BYTES) return
    const notify = this.#notify
    this.#notify = undefined
    notify?.()
  }
}
