import { CosmicError } from '../../base/index'
import { LocalCore } from '../local-core'
import type { CoreQuery } from '../search-core'
import {
  failureOf,
  PROTOCOL,
  readToWorker,
  type CallName,
  type FromWorker,
  type OpenMessage,
  type ToWorker,
} from './messages'

/** How a worker hears and speaks. */
export interface WorkerPort {
  post(message: FromWorker, transfer: readonly ArrayBuffer[]): void
  onMessage(listener: (message: unknown) => void): void
}

/** Answers the messages of a search engine on another thread. `pause` lets messages in, such as `abort`. */
export function serveSearch(port: WorkerPort, pause: () => Promise<void>): void {
  let served: Served | undefined
  port.onMessage(value => {
    const message = readToWorker(value)
    if (!message) return port.post({ type: 'error', failure: { code: 'protocol', field: 'worker' } }, [])
    if (message.type === 'ping') return port.post({ type: 'pong' }, [])
    if (message.type === 'open') {
      served = new Served(message, port, pause)
      port.post({ type: 'ready', protocol: PROTOCOL }, [])
    } else if (served) served.take(message)
    else port.post({ type: 'error', failure: { code: 'protocol', field: 'worker', hint: 'open comes first' } }, [])
  })
}

type Vectors = readonly (Float32Array | undefined)[]

/** One index in a worker. */
class Served {
  readonly #core: LocalCore
  readonly #port: WorkerPort
  readonly #aborts = new Map<number, AbortController>()
  readonly #asked = new Map<number, { resolve(vectors: Vectors): void; reject(error: unknown): void }>()
  #asks = 0

  constructor({ asks, module, maxBytes, clustersFrom }: OpenMessage, port: WorkerPort, pause: () => Promise<void>) {
    this.#port = port
    this.#core = new LocalCore({
      ...{ pause, onError: (error: unknown) => port.post({ type: 'error', failure: failureOf(error) }, []) },
      ...(asks && { vectors: () => ids => this.#ask(ids) }),
      ...(module && { module }),
      ...(maxBytes !== undefined && { maxBytes }),
      ...(clustersFrom !== undefined && { clustersFrom }),
    })
  }

  take(message: Exclude<ToWorker, OpenMessage | { type: 'ping' }>): void {
    switch (message.type) {
      case 'add':
        return this.#core.add(message.entries)
      case 'remove':
        return this.#core.remove(message.ids)
      case 'redo':
        return this.#core.redo(message.pages)
      case 'abort':
        return this.#aborts.get(message.id)?.abort()
      case 'vectors':
        this.#asked.get(message.id)?.resolve(message.vectors)
        return void this.#asked.delete(message.id)
      case 'refused':
        this.#asked.get(message.id)?.reject(new CosmicError(message.failure))
        return void this.#asked.delete(message.id)
      case 'call':
        return void this.#answer(message.id, message.name, message.args)
    }
  }

  async #answer(id: number, name: CallName, args: readonly unknown[]): Promise<void> {
    try {
      const value = await this.#call(id, name, args)
      this.#port.post({ type: 'answer', id, value }, name === 'take' ? buffersOf(value) : [])
    } catch (error) {
      this.#port.post({ type: 'failed', id, failure: failureOf(error) }, [])
    }
  }

  async #call(id: number, name: CallName, args: readonly unknown[]): Promise<unknown> {
    if (name !== 'search') return (this.#core[name] as (...args: readonly unknown[]) => unknown)(...args)
    const abort = new AbortController()
    this.#aborts.set(id, abort)
    try {
      return await this.#core.search(args[0] as CoreQuery, abort.signal)
    } finally {
      this.#aborts.delete(id)
    }
  }

  #ask(ids: readonly string[]): Promise<Vectors> {
    const id = this.#asks++
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#port.post({ type: 'ask', id, ids }, [])
    })
  }
}

/** Of pages, which nobody reads here any more. */
export function buffersOf(pages: unknown): ArrayBuffer[] {
  return (pages as readonly { bytes?: Uint8Array }[]).flatMap(({ bytes }) =>
    bytes && bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer as ArrayBuffer] : [],
  )
}
