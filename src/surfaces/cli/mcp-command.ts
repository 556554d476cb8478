import type { Command } from 'commander'
import { CosmicError, loadPeer, toBase64url } from '../../base/index'
import { action, command, wholeNumber, type Context } from './context'
import type { CliHost } from './host'
import { serveNode, stopped } from './serve-node'
import { watchNode } from './watch-node'

interface McpFlags {
  readonly http?: boolean
  readonly port?: number
}

const PACKAGE = '@modelcontextprotocol/sdk'

/** `mcp`: the memory as a server of the Model Context Protocol, over standard input and output or streamable HTTP. */
export function mcpCommand(host: CliHost): Command {
  return command('mcp', 'Serve the memory to an agent over the Model Context Protocol (standard input and output).')
    .option('--http', 'over streamable HTTP on loopback instead, by a token')
    .option('--port <number>', 'TCP port; 0 takes any free one (default: http.port)', wholeNumber('--port', 0, 65_535))
    .action(
      action<McpFlags>(host, (context, _args, { http, port }) => {
        if (http) return overHttp(context, port)
        if (port === undefined) return overPipes(context)
        throw new CosmicError({ code: 'bad-value', field: '--port', hint: 'only with --http' })
      }),
    )
}

async function overPipes({ host, resolve, withNode }: Context): Promise<void> {
  const { logger, options, mcp } = await watchNode(host, await resolve(), 'warn')
  await withNode(options, async node => {
    const { keepConnected } = await import('../../setup/index')
    const { createMcpServer } = await import('../mcp/index')
    const server = await createMcpServer(node, mcp)
    const load = () => import('@modelcontextprotocol/sdk/server/stdio.js')
    const { StdioServerTransport } = await loadPeer(PACKAGE, load, `npm install ${PACKAGE}`)
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
}

/** With the tokens of the settings, or else one of its own that is told once: whoever runs on this machine is not its agent yet. */
async function overHttp(context: Context, port: number | undefined): Promise<void> {
  const load = () => import('@modelcontextprotocol/sdk/server/mcp.js')
  await loadPeer(PACKAGE, load, `npm install ${PACKAGE}`)
  const { tokens } = (await context.resolve()).config.http
  const own = tokens ? undefined : toBase64url(crypto.getRandomValues(new Uint8Array(24)))
  const terms = {
    mcp: true,
    ...(port !== undefined && { port }),
    ...(own !== undefined && { tokens: [{ token: own, scopes: ['read', 'search', 'write'] as const }] }),
  }
  await serveNode(context, terms, async server => {
    const url = `${server.url}/mcp`
    const token = own ?? 'a token of http.tokens'
    const told = { type: 'http', url, headers: { Authorization: `Bearer ${own ?? '…'}` } }
    const lines = [
      `MCP    ${url}`,
      `Token  ${token}`,
      '',
      JSON.stringify({ mcpServers: { memory: told } }),
      '',
      'Ctrl-C stops it.',
    ]
    context.output.answer({ url, ...(own !== undefined && { token: own }) }, lines.join('\n'))
    return Promise.resolve()
  })
}
