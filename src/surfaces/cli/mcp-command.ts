import type { Command } from 'commander'
import { loadPeer } from '../../base/index'
import { action, command } from './context'
import type { CliHost } from './host'
import { stopped } from './serve-command'
import { loggerOf } from './watch-node'

/** `mcp`: the memory as a server of the Model Context Protocol, over standard input and output. */
export function mcpCommand(host: CliHost): Command {
  return command(
    'mcp',
    'Serve the memory to an agent over the Model Context Protocol (standard input and output).',
  ).action(
    action(host, async ({ resolve, withNode }) => {
      const logger = await loggerOf(host, await resolve(), 'warn')
      await withNode({ logger }, async node => {
        const { keepConnected } = await import('../../setup/index')
        const { createMcpServer } = await import('../mcp/index')
        const server = await createMcpServer(node)
        const { StdioServerTransport } = await loadPeer(
          '@modelcontextprotocol/sdk',
          () => import('@modelcontextprotocol/sdk/server/stdio.js'),
          'npm install @modelcontextprotocol/sdk',
        )
        const ended = new AbortController()
        const signal = AbortSignal.any([host.stop, ended.signal])
        server.server.onclose = () => ended.abort()
        process.stdin.once('end', () => ended.abort())
        const peers = keepConnected(node.client, node.config.peers, {
          signal,
          onFailure: (peer, error) => logger.warn({ peer, error }, 'no answer from a peer'),
        })
        await server.connect(new StdioServerTransport())
        await stopped(signal)
        await server.close()
        await peers
      })
    }),
  )
}
