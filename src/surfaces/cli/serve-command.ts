import type { Command } from 'commander'
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
  const { logger, options, figures, onAnswer } = await watchNode(host, await context.resolve())
  await context.withNode(options, async node => {
    const { port, host: address, tokens, hosts, origins, requestsPerSecond } = node.config.http
    const server = await serveHttp(node, {
      port,
      host: address,
      requestsPerSecond,
      ...(tokens && { tokens }),
      ...(hosts && { hosts }),
      ...(origins && { origins }),
      figures,
      onAnswer,
    })
    const peers = keepConnected(node.client, node.config.peers, {
      signal: host.stop,
      onFailure: (peer, error) => logger.warn({ peer, error }, 'no answer from a peer'),
    })
    const { id, addresses } = await node.client.status()
    const lines = [
      `HTTP      ${server.url}`,
      `Identity  ${id}`,
      ...addresses.map(each => `Peers     ${each}`),
      '',
      'Ctrl-C stops it.',
    ]
    output.answer({ url: server.url, id, addresses }, lines.join('\n'))
    await stopped(host.stop)
    await server.close()
    await peers
  })
}

/** Resolves once the user asks to stop. */
export function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
