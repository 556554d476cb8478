import { abortSignal, binary, count, fields, flag, func, list, milliseconds, record, text } from '../../base/index'
import { fromJSON, type Block, type BlockJson } from '../../block/index'
import type {
  ConnectRequest,
  ExportReport,
  ExportRequest,
  HttpHit,
  HttpPublished,
  HttpVerdict,
  ListOptions,
  NewBlock,
  NodeEvent,
  NodeStatus,
  SearchRequest,
} from './client-types'
import { eventsOf } from './events-of'
import { Exchange, pieces, type Shape } from './exchange'
import { HttpError } from './http-error'

export type * from './client-types'
export { HttpError }

export interface HttpClientOptions {
  readonly token?: string
  /** Default: the runtime’s. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** Longest answer that is read whole (default 256 MiB); a longer one is refused as `too-large`. */
  readonly maxBytes?: number
}

const readOptions = record<HttpClientOptions>({ token: text, fetch: func, maxBytes: count })
const readExportRequest = record<ExportRequest>({ onReport: func, signal: abortSignal })

const REPORT: Shape = { counts: ['blocks', 'missing'] }

const readListOptions = record<ListOptions>({
  ...{ kind: text, author: text, model: text, tags: list(text, 64), cursor: text },
  ...{ since: milliseconds, until: milliseconds, newest: flag, limit: count },
})

const readConnectOptions = record<ConnectRequest>({ peer: text, retry: flag })

/**
 * A typed client of the HTTP API, for any runtime with `fetch`. Whatever is called takes an `AbortSignal` last. Rejects with `HttpError`
 * for a problem that the node answers, and for what no node answers (`bad-json`, `bad-type`, `truncated`, `too-large`), and with
 * `CosmicError` (`unreachable`, `aborted`) where there is no answer.
 *
 * @example
 * ```ts
 * const node = new HttpClient('http://127.0.0.1:8080', { token })
 * const { id } = await node.create({ text: 'Water boils at 100 °C.', tags: ['physics'] })
 * const { hits } = await node.search({ text: 'boiling point', k: 3 })
 * ```
 */
export class HttpClient {
  readonly #exchange: Exchange

  /** Throws `bad-type`, `unknown-field` or `bad-address`. */
  constructor(url: string, options: HttpClientOptions = {}) {
    this.#exchange = new Exchange(url, readOptions(options, ''))
  }

  /** Stores a signed block. */
  async publish(block: Pick<Block, 'bytes'>, signal?: AbortSignal): Promise<HttpPublished> {
    const body = binary(fields(block, 'block')['bytes'], 'block.bytes')
    return this.#exchange.json('POST', '/blocks', { names: ['id'] }, { body, type: 'application/cbor', signal })
  }

  /** Has the node sign and store one. */
  async create(fields: NewBlock, signal?: AbortSignal): Promise<HttpPublished> {
    return this.#exchange.json('POST', '/blocks', { names: ['id'] }, { json: fields, signal })
  }

  /** A block whose id was recomputed from its bytes; `undefined` where the node has none. Its signature is not checked here. */
  async get(id: string, signal?: AbortSignal): Promise<Block | undefined> {
    const view = await this.#ofBlock<BlockJson>('GET', id, '', { names: ['id', 'bytes'] }, signal).catch(unlessAbsent)
    if (view === undefined) return undefined
    const block = fromJSON(view)
    if (block.ok && block.value.id === id) return block.value
    throw new HttpError(200, {
      code: block.ok ? 'bad-cid' : block.error.code,
      detail: 'the node answered another block',
    })
  }

  async list(given: ListOptions = {}, signal?: AbortSignal): Promise<{ items: BlockJson[]; cursor?: string }> {
    const { tags = [], ...options } = readListOptions(given, '')
    const query = new URLSearchParams(tags.map(tag => ['tag', tag]))
    for (const [name, value] of Object.entries(options)) if (value !== undefined) query.set(name, String(value))
    return this.#exchange.json('GET', `/blocks?${query.toString()}`, { lists: ['items'] }, { signal })
  }

  async search(request: SearchRequest, signal?: AbortSignal): Promise<{ hits: HttpHit[]; report: { model: string } }> {
    return this.#exchange.json('POST', '/search', { lists: ['hits'] }, { json: request, signal })
  }

  async validate(id: string, signal?: AbortSignal): Promise<HttpVerdict> {
    return this.#ofBlock('POST', id, '/validate', { names: ['status'], lists: ['checks'] }, signal)
  }

  async related(
    id: string,
    signal?: AbortSignal,
  ): Promise<{ links: { relation: string; id: string }[]; linkedFrom: BlockJson[]; about: BlockJson[] }> {
    return this.#ofBlock('GET', id, '/related', { lists: ['links', 'linkedFrom', 'about'] }, signal)
  }

  async history(
    id: string,
    signal?: AbortSignal,
  ): Promise<{ versions: { id: string; state: string }[]; heads: { id: string }[]; conflict: boolean }> {
    return this.#ofBlock('GET', id, '/history', { lists: ['versions', 'heads'] }, signal)
  }

  async status(signal?: AbortSignal): Promise<NodeStatus> {
    return this.#exchange.json('GET', '/status', { names: ['id'] }, { signal })
  }

  async peers(signal?: AbortSignal): Promise<{ items: { peer: string; remote: string; phase: string }[] }> {
    return this.#exchange.json('GET', '/peers', { lists: ['items'] }, { signal })
  }

  async connect(address: string, options: ConnectRequest = {}, signal?: AbortSignal): Promise<{ peer: string }> {
    const json = { address: text(address, 'address'), ...readConnectOptions(options, '') }
    return this.#exchange.json('POST', '/peers', { names: ['peer'] }, { json, signal })
  }

  /** By the did:key or the address. */
  async disconnect(peer: string, signal?: AbortSignal): Promise<void> {
    await this.#exchange.send('DELETE', `/peers/${encodeURIComponent(text(peer, 'peer'))}`, { signal })
  }

  /**
   * All stored blocks as a CAR archive. What the node could not give (damaged, or erased meanwhile) is told to `onReport` before the
   * stream ends; a stream that fails is not whole.
   */
  async export(request: ExportRequest = {}): Promise<ReadableStream<Uint8Array>> {
    const { onReport, signal } = readExportRequest(request, '')
    const { body, headers, status } = await this.#exchange.stream('/export', 'application/vnd.ipld.car', { signal })
    const chunks = pieces(body, status, signal)
    const report = () => this.#exchange.json<ExportReport>('GET', reportOf(headers), REPORT, { signal })
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (!done) return controller.enqueue(value)
        onReport?.(await report())
        controller.close()
      },
      cancel: async () => void (await chunks.return()),
    })
  }

  /** Has the node verify and store the blocks of a CAR archive. */
  async import(
    archive: Uint8Array,
    signal?: AbortSignal,
  ): Promise<{ stored: number; deferred: number; refused: number }> {
    const question = { body: binary(archive, 'archive'), type: 'application/vnd.ipld.car', signal }
    return this.#exchange.json('POST', '/import', { counts: ['stored', 'deferred', 'refused'] }, question)
  }

  /** What happens at the node, until the signal fires or the node ends. */
  async *events(signal?: AbortSignal): AsyncGenerator<NodeEvent, void, undefined> {
    const { body, status } = await this.#exchange.stream('/events', 'text/event-stream', { signal })
    yield* eventsOf(pieces(body, status, signal), status)
  }

  async #ofBlock<T>(method: string, id: string, of: string, shape: Shape, signal?: AbortSignal): Promise<T> {
    return this.#exchange.json(method, `/blocks/${encodeURIComponent(text(id, 'id'))}${of}`, shape, { signal })
  }
}

/** Where the node says that it tells how an export ended. */
function reportOf(headers: Headers): string {
  const id = /^[\w.-]{1,64}$/.exec(headers.get('x-request-id') ?? '')?.[0]
  if (id !== undefined) return `/exports/${id}`
  throw new HttpError(200, { code: 'missing-field', field: 'x-request-id', detail: 'this is no answer of a node' })
}

/** Only what a node says of a block: other pages that are not there say nothing of it. */
function unlessAbsent(error: unknown): undefined {
  if (error instanceof HttpError && error.status === 404 && error.code === 'not-found') return undefined
  throw error
}
