import { CosmicError, func, loadPeer, record } from '../../base/index'
import { readJson } from '../http/read-body'
import type { Endpoint } from '../http/index'
import { readNode } from '../http/node'
import { rpcMessage } from '../http/schemas'
import { createMcpServer, type McpNode, type McpOptions } from './mcp-server'

const PACKAGE = '@modelcontextprotocol/sdk'
const MAX_JSON = 1_048_576

const readEndpointOptions = record<Pick<McpOptions, 'around'>>({ around: func })

/**
 * The Model Context Protocol over streamable HTTP, for `createHttpHandler`, which checks the host, the origin and the token before:
 * what a token does not permit is not offered. Every request stands alone, so nobody can take over or exhaust sessions, and any
 * number of processes can serve one memory; the server sends nothing that was not asked for. Answers `missing-peer` as a problem.
 *
 * @example
 * ```ts
 * const handler = createHttpHandler(node, { mcp: mcpEndpoint(node), tokens })
 * ```
 */
export function mcpEndpoint(node: McpNode, options: Pick<McpOptions, 'around'> = {}): Endpoint {
  readNode(node, 'node')
  readEndpointOptions(options, '')
  return async (request, permits) => {
    const parsedBody = await readJson(request, rpcMessage, MAX_JSON)
    const load = () => import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js')
    const { WebStandardStreamableHTTPServerTransport } = await loadPeer(PACKAGE, load)
    const server = await createMcpServer(node, { ...options, permits })
    // Without a generator of session ids there are no sessions; with whole answers there are no streams.
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport as Parameters<typeof server.connect>[0])
    const asked = new Request(request.url, { method: 'POST', headers: request.headers })
    const gone = new Promise<never>((_, reject) => {
      request.signal.addEventListener('abort', () => reject(new CosmicError({ code: 'aborted' })), { once: true })
    })
    try {
      return await Promise.race([transport.handleRequest(asked, { parsedBody }), gone])
    } finally {
      await server.close()
    }
  }
}
