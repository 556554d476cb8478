import { func, loadPeer, record } from '../../base/index'
import { readJson } from '../http/read-body'
import type { Endpoint } from '../http/index'
import { readNode } from '../http/node'
import { rpcMessage } from '../http/schemas'
import { CallsUnderWay } from './calls-under-way'
import { createMcpServer, type McpNode, type McpOptions } from './mcp-server'

const PACKAGE = '@modelcontextprotocol/sdk'
const MAX_JSON = 1_048_576

const readEndpointOptions = record<Pick<McpOptions, 'around'>>({ around: func })

/**
 * The Model Context Protocol over streamable HTTP, for `createHttpHandler`, which checks the host, the origin and the token before:
 * what a token does not permit is not offered. Every request stands alone, so nobody can take over or exhaust sessions, and any
 * number of processes can serve one memory; the server sends nothing that was not asked for. The name that a client gets for its session
 * serves to cancel its calls, at the process that has them. Answers `missing-peer` as a problem.
 *
 * @example
 * ```ts
 * const handler = createHttpHandler(node, { mcp: mcpEndpoint(node), tokens })
 * ```
 */
export function mcpEndpoint(node: McpNode, options: Pick<McpOptions, 'around'> = {}): Endpoint {
  readNode(node, 'node')
  readEndpointOptions(options, '')
  const calls = new CallsUnderWay()
  return async (request, permits) => {
    const parsedBody = await readJson(request, rpcMessage, MAX_JSON)
    calls.hear(request, parsedBody)
    const load = () => import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js')
    const { WebStandardStreamableHTTPServerTransport } = await loadPeer(PACKAGE, load)
    const server = await createMcpServer(node, { ...options, permits })
    // Without a generator of session ids there are no sessions; with whole answers there are no streams.
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport as Parameters<typeof server.connect>[0])
    const asked = new Request(request.url, { method: 'POST', headers: request.headers })
    try {
      const work = () => transport.handleRequest(asked, { parsedBody })
      const response = await calls.race(request, parsedBody, work)
      if (parsedBody['method'] === 'initialize') response.headers.set('mcp-session-id', crypto.randomUUID())
      return response
    } finally {
      await server.close()
    }
  }
}
