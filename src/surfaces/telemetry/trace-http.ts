import { func } from '../../base/index'
import type { AnswerReport, HttpOptions } from '../http/index'
import type { McpOptions } from '../mcp/index'
import { readTracer, type SpanAttributes, type Tracer } from './tracer'

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'])
const LONGEST_PATH = 256

/** A method as the conventions write it: whatever is none of HTTP's own is one. */
export const methodOf = (method: string) => (KNOWN_METHODS.has(method) ? method : '_OTHER')

/**
 * For `around` of the HTTP handler: a span for each request, inside the trace that the caller's `traceparent` names. Queries of
 * URLs, headers and bodies are in none. Frames of peers under `/sync` have none: their session has one.
 *
 * @example
 * ```ts
 * const handler = createHttpHandler(node, { around: traceRequests(tracer) })
 * ```
 */
export function traceRequests(tracer: Tracer): NonNullable<HttpOptions['around']> {
  readTracer(tracer, 'tracer')
  return (request, answer) => {
    const url = new URL(request.url)
    if (url.pathname === '/sync') return answer()
    const method = methodOf(request.method)
    const attributes = {
      ...{ 'http.request.method': method, 'url.scheme': url.protocol.slice(0, -1) },
      ...{ 'url.path': url.pathname.slice(0, LONGEST_PATH), 'server.address': url.hostname },
      'server.port': url.port === '' ? undefined : Number(url.port),
    }
    const caller = (header: string) => request.headers.get(header) ?? undefined
    // Where the application traces its server itself, its span is around this one already.
    return tracer.run(method, { kind: 'server', attributes, ...(!tracer.isInside && { caller }) }, async span => {
      const report = await answer()
      span.set({ ...ofAnswer(report), 'cosmic.request.id': report.requestId })
      if (report.route !== 'unknown') span.rename(`${method} ${report.route}`)
      if (report.status >= 500) span.fail(String(report.status))
      return report
    })
  }
}

function ofAnswer({ route, status }: AnswerReport): SpanAttributes {
  return { 'http.route': route === 'unknown' ? undefined : route, 'http.response.status_code': status }
}

/**
 * `fetch` whose requests have a span each and tell it to the server (`traceparent`), for `HttpClient`.
 *
 * @example
 * ```ts
 * const memory = new HttpClient(url, { token, fetch: tracedFetch(tracer) })
 * ```
 */
export function tracedFetch(
  tracer: Tracer,
  fetch: (request: Request) => Promise<Response> = request => globalThis.fetch(request),
): (request: Request) => Promise<Response> {
  readTracer(tracer, 'tracer')
  func(fetch, 'fetch')
  return request => {
    const { origin, pathname, hostname, port, protocol } = new URL(request.url)
    const method = methodOf(request.method)
    const attributes = {
      ...{ 'http.request.method': method, 'url.full': `${origin}${pathname.slice(0, LONGEST_PATH)}` },
      ...{ 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) },
    }
    return tracer.run(method, { kind: 'client', attributes }, async span => {
      tracer.propagate((name, value) => request.headers.set(name, value))
      const response = await fetch(request)
      span.set({ 'http.response.status_code': response.status })
      if (response.status >= 400) span.fail(String(response.status))
      return response
    })
  }
}

/**
 * For `around` of the MCP server: a span for each call of a tool, resource or prompt, inside the trace that the caller names in
 * `_meta`, as the conventions for the Model Context Protocol have it. Arguments and answers are in none.
 *
 * @example
 * ```ts
 * const server = await createMcpServer(node, { around: traceCalls(tracer) })
 * ```
 */
export function traceCalls(tracer: Tracer): NonNullable<McpOptions['around']> {
  readTracer(tracer, 'tracer')
  return ({ method, target, requestId, meta, isHttp }, work) => {
    const isTool = method === 'tools/call'
    const attributes = {
      ...{ 'mcp.method.name': method, 'jsonrpc.request.id': String(requestId) },
      'network.transport': isHttp ? 'tcp' : 'pipe',
      ...(isTool && { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': target }),
      ...(method === 'prompts/get' && { 'gen_ai.prompt.name': target }),
      ...(method === 'resources/read' && { 'mcp.resource.uri': target }),
    }
    // Addresses of resources are many: they do not name spans.
    const name = method === 'resources/read' ? method : `${method} ${target}`
    const caller = meta && ((header: string) => textOf(meta[header]))
    return tracer.run(name, { kind: 'server', attributes, ...(caller && { caller }) }, async span => {
      const answer = await work()
      if ('isError' in answer && answer.isError === true) span.fail('tool_error')
      return answer
    })
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
