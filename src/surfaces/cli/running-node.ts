import { loadIdentity, type Config } from '../../setup/index'
import type { HttpToken } from '../http/index'
import { HttpClient } from '../http/http-client'
import { announced } from './announced'

/** A `serve` of this very identity that answers where it says that it does. */
export interface RunningNode {
  readonly url: string
  /** With a token of the settings that may do everything, or else the one that may do most. */
  readonly client: HttpClient
  readonly status: Awaited<ReturnType<HttpClient['status']>>
}

export interface RunningOptions {
  /** How long it may take to answer (default 2,000). */
  readonly timeoutMs?: number
  /** Where it is, for one that runs elsewhere: it is asked on the caller's word. */
  readonly url?: string
}

/**
 * The `serve` that runs with these settings; `undefined` where none has announced itself, none answers, or it is somebody else's.
 * Whoever merely holds its port is asked nothing, and only the least of the tokens asks who it is.
 */
export async function runningNode(config: Config, options: RunningOptions = {}): Promise<RunningNode | undefined> {
  const { tokens = [] } = config.http
  const { timeoutMs = 2_000 } = options
  const url = options.url ?? reachable((await announced(config))?.url)
  if (url === undefined) return undefined
  const ask = (request: Request) =>
    fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]) })
  const clientOf = (token?: HttpToken) => new HttpClient(url, { fetch: ask, ...(token && { token: token.token }) })
  const ranked = [...tokens].sort((a, b) => weight(a.scopes) - weight(b.scopes))
  const reads = ranked.find(({ scopes }) => scopes.includes('read') || scopes.includes('admin'))
  try {
    const [status, { did }] = await Promise.all([clientOf(reads).status(), loadIdentity(config)])
    return status.id === did ? { url, client: clientOf(ranked.at(-1)), status } : undefined
  } catch {
    // Nobody there, somebody else's service, or no identity yet: it is not this node.
    return undefined
  }
}

const weight = (scopes: readonly string[]) => (scopes.includes('admin') ? 10 : scopes.length)

/** Whoever listens everywhere is reached on loopback. */
function reachable(url: string | undefined): string | undefined {
  return url?.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}
