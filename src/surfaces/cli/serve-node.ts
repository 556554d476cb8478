import type { SyncClient } from '../../client/index'
import type { CosmicNode } from '../../setup/index'
import type { HttpServer, HttpToken } from '../http/index'
import { announce } from './announced'
import type { Context } from './context'
import { watchNode } from './watch-node'

/** What a command says instead of the settings. */
export interface ServeTerms {
  readonly port?: number
  readonly host?: string
  readonly tokens?: readonly HttpToken[]
  /** Whether to serve the Model Context Protocol, whatever `http.mcp` says. */
  readonly mcp?: boolean
}

/** Runs a node with its HTTP API, connected to its peers, until the user asks to stop; `tell` once it listens. */
export async function serveNode(
  context: Context,
  terms: ServeTerms,
  tell: (server: HttpServer, node: CosmicNode) => Promise<void>,
): Promise<void> {
  const { host } = context
  const { keepConnected } = await import('../../setup/index')
  const { serveHttp } = await import('../http/index')
  const { mcpEndpoint } = await import('../mcp/index')
  const { logger, options, figures, ...watch } = await watchNode(host, await context.resolve())
  await context.withNode(options, async node => {
    const { port, host: address, tokens, hosts, origins, requestsPerSecond, mcp } = { ...node.config.http, ...terms }
    const server = await serveHttp(node, {
      ...{ port, host: address, requestsPerSecond, figures },
      ...(tokens && { tokens }),
      ...(hosts && { hosts }),
      ...(origins && { origins }),
      ...(mcp && { mcp: mcpEndpoint(node, watch.mcp) }),
      ...(node.sync && { sync: node.sync }),
      ...watch.http,
    })
    const peers = keepConnected(node.client, node.config.peers, {
      signal: host.stop,
      onFailure: (peer, error) => logger.warn({ peer, error }, 'no answer from a peer'),
    })
    const { addresses } = await node.client.status()
    const takeBack = await announce(node.config, { url: server.url, addresses }, logger)
    try {
      await tell(server, node)
      await stopped(host.stop)
    } finally {
      await takeBack()
    }
    await Promise.all([server.close(), node.sync && dropPeers(node.client)])
    await peers
  })
}

/** A peer over HTTP holds a request of the server open for as long as it stays. */
async function dropPeers(client: SyncClient): Promise<void> {
  for (const { peer } of (await client.status()).peers) await client.disconnect(peer)
}

/** Resolves once the user asks to stop. */
export function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
