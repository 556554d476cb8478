import type { Command } from 'commander'
import type { SyncClient } from '../../client/index'
import { action, command, type Context } from './context'
import type { CliHost } from './host'
import { watchNode } from './watch-node'

/** `serve`: a node with its HTTP API, until it is stopped. */
export function serveCommand(host: CliHost): Command {
  return command('serve', 'Run a node: peers, and the HTTP API on loopback (settings http.*).').action(
    action(host, context => serve(context)),
  )
}

async function serve(context: Context): Promise<void> {
  const { host, output } = context
  const { keepConnected } = await import('../../setup/index')
  const { serveHttp } = await import('../http/index')
  const { mcpEndpoint } = await import('../mcp/index')
  const { logger, options, figures, ...watch } = await watchNode(host, await context.resolve())
  await context.withNode(options, async node => {
    const { port, host: address, tokens, hosts, origins, requestsPerSecond, mcp } = node.config.http
    const server = await serveHttp(node, {
      port,
      host: address,
      requestsPerSecond,
      ...(tokens && { tokens }),
      ...(hosts && { hosts }),
      ...(origins && { origins }),
      ...(mcp && { mcp: mcpEndpoint(node, watch.mcp) }),
      ...(node.sync && { sync: node.sync }),
      figures,
      ...watch.http,
    })
    const peers = keepConnected(node.client, node.config.peers, {
      signal: host.stop,
      onFailure: (peer, error) => logger.warn({ peer, error }, 'no answer from a peer'),
    })
    const { id, addresses } = await node.client.status()
    const lines = [
      `HTTP      ${server.url}`,
      ...(mcp ? [`MCP       ${server.url}/mcp`] : []),
      `Identity  ${id}`,
      ...(node.sync ? [`Peers     ${server.url}/sync`] : []),
      ...addresses.map(each => `Peers     ${each}`),
      '',
      'Ctrl-C stops it.',
    ]
    output.answer({ url: server.url, id, addresses }, lines.join('\n'))
    await stopped(host.stop)
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
