import type { Command } from 'commander'
import { action, command } from './context'
import type { CliHost } from './host'
import { serveNode } from './serve-node'

const INSTALL = 'npm install @modelcontextprotocol/sdk'

/** Its address is of no use before its package is there. */
const hasMcp = () =>
  import('@modelcontextprotocol/sdk/server/mcp.js').then(
    () => true,
    () => false,
  )

/** `serve`: a node with its HTTP API, until it is stopped. */
export function serveCommand(host: CliHost): Command {
  return command('serve', 'Run a node: peers, and the HTTP API on loopback (settings http.*).').action(
    action(host, context =>
      serveNode(context, {}, async ({ url }, node) => {
        const { id, addresses } = await node.client.status()
        const lines = [
          `HTTP      ${url}`,
          ...(node.config.http.mcp
            ? [`MCP       ${(await hasMcp()) ? `${url}/mcp` : `not installed: ${INSTALL}`}`]
            : []),
          `Identity  ${id}`,
          ...(node.sync ? [`Peers     ${url}/sync`] : []),
          ...addresses.map(each => `Peers     ${each}`),
          '',
          'Ctrl-C stops it.',
        ]
        context.output.answer({ url, id, addresses }, lines.join('\n'))
      }),
    ),
  )
}
