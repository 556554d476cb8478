import { CosmicError, fields, func, list, offset, positive, type Read, record, text } from '../../base/index'
import type { Connection, Transport } from '../../wire/index'
import { DialledPipe, type DialOptions } from './http/dialled-pipe'
import { Sessions } from './http/sessions'
import { opening } from './opening'

export interface HttpListenOptions {
  /** Where others reach `fetch` of this transport, such as `https://memory.example/sync`; told to peers, if given. */
  readonly address?: string
  /** Sessions open at once; further ones are refused. 256 by default. */
  readonly maxConnections?: number
  /** Web origins whose pages may connect. By default only pages of this machine may; `'*'` admits every page. */
  readonly origins?: readonly string[] | '*'
}

export interface HttpTransportOptions {
  /** Accept connections too, once `fetch` is served somewhere. */
  readonly listen?: HttpListenOptions
  /** How long `dial` may take; 15,000 by default. */
  readonly timeoutMs?: number
  /** Sent with every request, for proxies that ask for them. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the runtime’s. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

export interface HttpTransport extends Transport {
  /** A web-standard handler of one path, for any server: posted frames in, an event stream out. */
  fetch(request: Request): Promise<Response>
}

const origins: Read<readonly string[] | '*'> = (value, path) =>
  value === '*' ? value : list(text, 10_000)(value, path)
const readOptions = record<HttpTransportOptions>({
  listen: record<HttpListenOptions>({ address: text, maxConnections: offset, origins }),
  timeoutMs: positive,
  headers: (value, path) => fields(value, path) as Readonly<Record<string, string>>,
  fetch: func,
})

/**
 * Agents over plain HTTP, for runtimes that have `fetch` and nothing else, and for networks that let nothing else through: messages
 * are posted, and come back on an event stream (server-sent events). Dials `http:` and `https:` URLs in every runtime; accepts
 * connections where its `fetch` is served, as `serve` does under `/sync` (docs/transports.md).
 *
 * `dial` rejects with `bad-address`, `unreachable`, `limit`, `timeout` or `aborted`.
 *
 * @example
 * ```ts
 * const client = new SyncClient({ signer, transports: [httpTransport()] })
 * await client.start()
 * await client.connect('https://memory.example/sync')
 * ```
 */
export function httpTransport(options: HttpTransportOptions = {}): HttpTransport {
  const {
    listen,
    timeoutMs = 15_000,
    headers = {},
    fetch = (url, init) => globalThis.fetch(url, init),
  } = readOptions(options, '')
  const sessions = new Sessions({ maxConnections: listen?.maxConnections ?? 256, origins: listen?.origins })
  return {
    schemes: ['http', 'https'],
    dial: (address, { signal } = {}) => dial(address, { fetch, headers }, timeoutMs, signal),
    fetch: request => sessions.answer(request),
    ...(listen && {
      async listen(onConnection) {
        const stop = sessions.listen(onConnection)
        return { addresses: listen.address === undefined ? [] : [listen.address], close: async () => stop() }
      },
    }),
  }
}

async function dial(
  address: string,
  options: DialOptions,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const { url, remote } = readAddress(address)
  if (signal?.aborted) throw new CosmicError({ code: 'aborted' })
  const pipe = new DialledPipe(url, remote, options)
  await opening(pipe.opened, { milliseconds, signal, abandon: () => pipe.abandon() })
  return pipe.connection
}

/** Queries may hold secrets, and names end up in logs. */
function readAddress(address: string): { url: string; remote: string } {
  const bad = new CosmicError({ code: 'bad-address', field: 'address', hint: 'https://host:port/path' })
  if (!/^https?:\/\//i.test(address) || address.includes('#')) throw bad
  try {
    const { href, origin, pathname, username, password } = new URL(address)
    if (username !== '' || password !== '') throw bad
    return { url: href, remote: origin + pathname }
  } catch {
    throw bad
  }
}
