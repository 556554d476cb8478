import { createParser } from 'eventsource-parser'
import {
  attempt,
  binary,
  count,
  fields,
  flag,
  func,
  list,
  milliseconds,
  record,
  refuse,
  text,
  type Failure,
} from '../../base/index'
import { fromJSON, type Block, type BlockJson } from '../../block/index'
import type {
  ConnectRequest,
  HttpHit,
  HttpPublished,
  HttpVerdict,
  ListOptions,
  NewBlock,
  NodeEvent,
  NodeStatus,
  SearchRequest,
} from './client-types'

export type * from './client-types'

/** An answer that is a problem (RFC 9457). */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  /** The library’s code, such as `bad-signature`, or the API’s own, such as `scope`. */
  readonly code: string
  readonly field?: string
  readonly limit?: number | string

  constructor(status: number, problem: Partial<Omit<Failure, 'code'>> & { code?: string; detail?: string } = {}) {
    super(problem.detail ?? `the node answered ${status}`)
    this.status = status
    this.code = problem.code ?? 'unknown'
    if (problem.field !== undefined) this.field = problem.field
    if (problem.limit !== undefined) this.limit = problem.limit
  }
}

export interface HttpClientOptions {
  readonly token?: string
  /** Default: the runtime’s. */
  readonly fetch?: (request: Request) => Promise<Response>
}

const readOptions = record<HttpClientOptions>({ token: text, fetch: func })

const readListOptions = record<ListOptions>({
  ...{ kind: text, author: text, model: text, tags: list(text, 64), cursor: text },
  ...{ since: milliseconds, until: milliseconds, newest: flag, limit: count },
})

const readConnectOptions = record<ConnectRequest>({ peer: text, retry: flag })

/**
 * A typed client of the HTTP API, for any runtime with `fetch`. Rejects with `HttpError` for a problem that the node answers.
 *
 * @example
 * ```ts
 * const node = new HttpClient('http://127.0.0.1:8080', { token })
 * const { id } = await node.create({ text: 'Water boils at 100 °C.', tags: ['physics'] })
 * const { hits } = await node.search({ text: 'boiling point', k: 3 })
 * ```
 */
export class HttpClient {
  readonly #url: string
  readonly #options: HttpClientOptions

  /** Throws `bad-type` or `unknown-field`. */
  constructor(url: string, options: HttpClientOptions = {}) {
    this.#url = text(url, 'url').replace(/\/+$/, '')
    this.#options = readOptions(options, '')
  }

  /** Stores a signed block. */
  async publish(block: Pick<Block, 'bytes'>): Promise<HttpPublished> {
    return this.#json('POST', '/blocks', {
      body: binary(fields(block, 'block')['bytes'], 'block.bytes'),
      type: 'application/cbor',
    })
  }

  /** Has the node sign and store one. */
  async create(fields: NewBlock): Promise<HttpPublished> {
    return this.#json('POST', '/blocks', { json: fields })
  }

  /** A block whose id was recomputed from its bytes; `undefined` where the node has none. Its signature is not checked here. */
  async get(id: string): Promise<Block | undefined> {
    const view = await this.#json<BlockJson>('GET', `/blocks/${text(id, 'id')}`, { json: undefined }).catch(
      unlessAbsent,
    )
    if (view === undefined) return undefined
    const block = fromJSON(view)
    if (block.ok && block.value.id === id) return block.value
    throw new HttpError(200, {
      code: block.ok ? 'bad-cid' : block.error.code,
      detail: 'the node answered another block',
    })
  }

  async list(given: ListOptions = {}): Promise<{ items: BlockJson[]; cursor?: string }> {
    const { tags = [], ...options } = readListOptions(given, '')
    const query = new URLSearchParams(tags.map(tag => ['tag', tag]))
    for (const [name, value] of Object.entries(options)) if (value !== undefined) query.set(name, String(value))
    return this.#json('GET', `/blocks?${query.toString()}`)
  }

  async search(request: SearchRequest, signal?: AbortSignal): Promise<{ hits: HttpHit[]; report: { model: string } }> {
    return this.#json('POST', '/search', { json: request, ...(signal && { signal }) })
  }

  async validate(id: string): Promise<HttpVerdict> {
    return this.#json('POST', `/blocks/${text(id, 'id')}/validate`)
  }

  async related(
    id: string,
  ): Promise<{ links: { relation: string; id: string }[]; linkedFrom: BlockJson[]; about: BlockJson[] }> {
    return this.#json('GET', `/blocks/${text(id, 'id')}/related`)
  }

  async history(
    id: string,
  ): Promise<{ versions: { id: string; state: string }[]; heads: { id: string }[]; conflict: boolean }> {
    return this.#json('GET', `/blocks/${text(id, 'id')}/history`)
  }

  async status(): Promise<NodeStatus> {
    return this.#json('GET', '/status')
  }

  async peers(): Promise<{ items: { peer: string; remote: string; phase: string }[] }> {
    return this.#json('GET', '/peers')
  }

  async connect(address: string, options: ConnectRequest = {}): Promise<{ peer: string }> {
    return this.#json('POST', '/peers', {
      json: { address: text(address, 'address'), ...readConnectOptions(options, '') },
    })
  }

  /** By the did:key or the address. */
  async disconnect(peer: string): Promise<void> {
    await this.#send('DELETE', `/peers/${encodeURIComponent(text(peer, 'peer'))}`)
  }

  /** All stored blocks as a CAR archive. */
  async export(): Promise<ReadableStream<Uint8Array>> {
    return (await this.#send('GET', '/export')).body!
  }

  /** Has the node verify and store the blocks of a CAR archive. */
  async import(archive: Uint8Array): Promise<{ stored: number; deferred: number; refused: number }> {
    return this.#json('POST', '/import', { body: binary(archive, 'archive'), type: 'application/vnd.ipld.car' })
  }

  /** What happens at the node, until the signal fires or the node ends. */
  async *events(signal?: AbortSignal): AsyncGenerator<NodeEvent, void, undefined> {
    const { body } = await this.#send('GET', '/events', signal && { signal })
    const waiting: NodeEvent[] = []
    const parser = createParser({
      onEvent: ({ event = 'message', data }) => void waiting.push({ event, data: JSON.parse(data) as unknown }),
    })
    const [reader, decoder] = [body!.getReader(), new TextDecoder()]
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        parser.feed(decoder.decode(next.value, { stream: true }))
        yield* waiting.splice(0)
      }
    } finally {
      await reader.cancel().catch(() => {})
    }
  }

  async #json<T>(method: string, path: string, body?: Body): Promise<T> {
    return (await (await this.#send(method, path, body)).json()) as T
  }

  async #send(method: string, path: string, { json, body, type, signal }: Body = {}): Promise<Response> {
    const { token, fetch = globalThis.fetch } = this.#options
    const content = json === undefined ? body : jsonOf(json)
    const request = new Request(this.#url + path, {
      method,
      headers: {
        accept: 'application/json, */*;q=0.1',
        ...(content !== undefined && { 'content-type': type ?? 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(content !== undefined && { body: content as BodyInit }),
      ...(signal && { signal }),
    })
    const response = await fetch(request)
    if (response.ok) return response
    throw new HttpError(response.status, (await response.json().catch(() => ({}))) as object)
  }
}

/** Throws `bad-type` for what has no JSON, such as a bigint. */
function jsonOf(value: unknown): string {
  const made = attempt(() => JSON.stringify(fields(value, 'request')))
  return made.ok ? made.value : refuse('bad-type', 'request', 'an object of JSON values')
}

interface Body {
  readonly json?: unknown
  readonly body?: Uint8Array
  readonly type?: string
  readonly signal?: AbortSignal
}

function unlessAbsent(error: unknown): undefined {
  if (error instanceof HttpError && error.status === 404) return undefined
  throw error
}
