import { loadIdentity, type Config } from '../../setup/index'
import { HttpClient } from '../http/http-client'

/** A `serve` of this very identity that answers where the settings say. */
export interface RunningNode {
  readonly url: string
  readonly client: HttpClient
  readonly status: Awaited<ReturnType<HttpClient['status']>>
}

export interface RunningOptions {
  /** How long it may take to answer (default 2,000). */
  readonly timeoutMs?: number
  /** Where it is, when the settings leave its port open. */
  readonly url?: string
}

/**
 * The `serve` that runs with these settings; `undefined` where none answers, or one that is somebody else's. With a token of the
 * settings that may do everything, or else the one that may do most.
 */
export async function runningNode(config: Config, options: RunningOptions = {}): Promise<RunningNode | undefined> {
  const { host, port, tokens = [] } = config.http
  const { timeoutMs = 2_000, url = `http://${reachable(host)}:${port}` } = options
  if (options.url === undefined && port === 0) return undefined
  const best = [...tokens].sort((a, b) => weight(b.scopes) - weight(a.scopes))[0]
  const ask = (request: Request) =>
    fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]) })
  const client = new HttpClient(url, { fetch: ask, ...(best && { token: best.token }) })
  try {
    const [status, { did }] = await Promise.all([client.status(), loadIdentity(config)])
    return status.id === did ? { url, client, status } : undefined
  } catch {
    // Nobody there, somebody else's service, or no identity yet: it is not this node.
    return undefined
  }
}

const weight = (scopes: readonly string[]) => (scopes.includes('admin') ? 10 : scopes.length)

/** Whoever listens everywhere is reached on loopback. */
function reachable(host: string): string {
  const named = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return named.includes(':') ? `[${named}]` : named
}
