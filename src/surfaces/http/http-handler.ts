import { Hono } from 'hono'
import { Access, type AccessOptions } from './access'
import { Asked, placeReader } from './asked'
import { EventStreams } from './event-stream'
import { Metrics } from './metrics'
import { readNode, type HttpNode } from './node'
import { readHttpOptions } from './read-options'
import { API_VERSION, openApiDocument } from './openapi'
import { HttpProblem, problemAnswer } from './problem'
import { RateLimits } from './rate-limits'
import { refuseEncoded } from './read-body'
import { exportReports } from './node-routes'
import { ROUTES, type Call, type Endpoint, type Route } from './routes'
import { ShownBlocks } from './shown-blocks'
import { responseOf, type Answer } from './whole-answer'

export interface HttpOptions extends AccessOptions {
  /** Requests a second of one token, or of all without tokens, in the long run (default 1,000); five seconds’ worth at once. */
  readonly requestsPerSecond?: number
  /** More figures for `/metrics`, in Prometheus' text format, in place of the handler's own beyond those of HTTP. */
  readonly figures?: () => Promise<string>
  /** Answers `POST /mcp`: `mcpEndpoint(node)` of `cosmic-embeddings/mcp`. */
  readonly mcp?: Endpoint
  /** Answers `/sync`: `fetch` of an `httpTransport` that listens. Peers need no token: their channel proves who they are. */
  readonly sync?: Endpoint
  /** Runs each answer, once, and is told of it: for what a request is to be wrapped in, such as a span. */
  readonly around?: (request: Request, answer: () => Promise<AnswerReport>) => Promise<unknown>
  /** Told of each answer; `error` of what is no refusal. */
  readonly onAnswer?: (answer: AnswerReport) => void
}

export interface AnswerReport {
  readonly requestId: string
  readonly method: string
  /** As the OpenAPI document writes it; `unknown` for what is no route. */
  readonly route: string
  readonly status: number
  readonly seconds: number
  readonly error?: unknown
}

export interface HttpHandler {
  /** A web-standard handler: to be given to any server. */
  fetch(request: Request): Promise<Response>
  /** The OpenAPI 3.1 document, which `/openapi.json` serves too. */
  readonly openapi: Readonly<Record<string, unknown>>
  /** Ends streams of events; the node stays open. */
  close(): void
}

/**
 * The HTTP API of a node as a web-standard handler, for any server and runtime. Without `tokens` whoever reaches it may do
 * everything, under loopback’s names only. Throws `out-of-range` and `bad-value` for impossible options.
 *
 * @example
 * ```ts
 * const handler = createHttpHandler(await createNode(), { tokens: [{ token, scopes: ['read', 'search'] }] })
 * Deno.serve({ port: 8080 }, handler.fetch)
 * ```
 */
export function createHttpHandler(node: HttpNode, options: HttpOptions = {}): HttpHandler {
  const { answer, ...handler } = openHandler(node, options)
  return { ...handler, fetch: async request => responseOf(await answer(request)) }
}

export interface OpenHandler extends Omit<HttpHandler, 'fetch'> {
  answer(request: Request): Promise<Answer>
}

/** The same for a server that writes whole answers itself. */
export function openHandler(node: HttpNode, options: HttpOptions): OpenHandler {
  readNode(node, 'node')
  readHttpOptions(options, '')
  const access = new Access(options)
  const limits = new RateLimits(options.requestsPerSecond ?? 1_000)
  const events = new EventStreams(node)
  const metrics = new Metrics(node, options.figures)
  const openapi = openApiDocument(API_VERSION)
  const parts = { node, events, metrics, shown: new ShownBlocks(), exports: exportReports(), endpoints: options }
  const app = appOf(access, limits, parts, openapi)
  const answerTo = async (request: Request, asked: Asked): Promise<Answer> => {
    access.checkPlace(request, asked.at)
    if (request.method === 'OPTIONS') return preflight(request)
    if (request.method === 'HEAD') return headOf(await app.fetch(getOf(request), asked))
    return app.fetch(request, asked)
  }
  const placeOf = placeReader()
  const answer = async (request: Request): Promise<{ response: Answer; report: AnswerReport }> => {
    const start = performance.now()
    const requestId = idOf(request)
    const asked = new Asked(request.url, placeOf(request.url), requestId)
    let error: unknown
    const response = await answerTo(request, asked).catch((caught: unknown) => {
      error = caught
      return problemAnswer(caught, requestId)
    })
    decorate(response, request, requestId, access)
    const seconds = (performance.now() - start) / 1_000
    const [{ route }, { method }, { status }] = [asked, request, response]
    metrics.answered(route, status, seconds)
    const report = { requestId, method, route, status, seconds, ...(status >= 500 && error !== undefined && { error }) }
    options.onAnswer?.(report)
    return { response, report }
  }
  const { around } = options
  return {
    openapi,
    async answer(request) {
      if (!around) return (await answer(request)).response
      let response: Answer | undefined
      await around(request, async () => {
        const given = await answer(request)
        response = given.response
        return given.report
      })
      return response!
    },
    close() {
      events.close()
      metrics.close()
    },
  }
}

/** The routes, and what is none. Whatever is refused is thrown. */
function appOf(
  access: Access,
  limits: RateLimits,
  parts: Pick<Call, 'node' | 'events' | 'metrics' | 'shown' | 'exports' | 'endpoints'>,
  openapi: Readonly<Record<string, unknown>>,
): Hono<{ Bindings: Asked }> {
  const { node, events, metrics, shown, exports, endpoints } = parts
  const app = new Hono<{ Bindings: Asked }>()
  for (const route of ROUTES) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1')
    app.on(route.method.toUpperCase(), path, async context => {
      context.env.route = route.path
      const { env, req } = context
      const { name, permits } = access.checkToken(req.raw, route.scope)
      if (route.isPaced !== false) limits.take(name)
      if (route.body) refuseEncoded(req.raw)
      const params = req.param() as Record<string, string>
      // One by one: spreading the parts costs more than finding a block. Hono hands on what a single handler answers, whatever it is.
      const { id, query } = env
      const call = { node, events, metrics, shown, exports, endpoints, permits, request: req.raw, id, params, query }
      return (await route.handle(call)) as Response
    })
  }
  app.get('/openapi.json', context => {
    context.env.route = '/openapi.json'
    return context.json(openapi)
  })
  app.notFound(context => {
    throw refusalOf(context.req.method, context.req.path)
  })
  app.onError(error => {
    throw error
  })
  return app
}

/** The client’s own, where it is a sensible one. */
function idOf(request: Request): string {
  const given = request.headers.get('x-request-id')
  return given !== null && /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID()
}

const PATTERNS = ROUTES.map(({ path }) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`))

function refusalOf(method: string, path: string): HttpProblem {
  const known = ROUTES.filter((_, i) => PATTERNS[i]!.test(path)) as readonly Route[]
  if (known.length === 0) return new HttpProblem(404, 'no-route', 'there is no such route; /openapi.json lists them')
  const allow = [...new Set(known.map(route => route.method.toUpperCase()))].join(', ')
  return new HttpProblem(405, 'method', `${method} is not for this route`, { allow })
}

const ALLOWED =
  'authorization, content-type, accept, if-none-match, x-request-id, mcp-protocol-version, mcp-session-id, cosmic-version, cosmic-session, cosmic-sequence, cosmic-reason'

/** Whoever may not call is refused before. */
function preflight(request: Request): Response {
  const headers = {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': ALLOWED,
    'access-control-max-age': '600',
  }
  return new Response(null, { status: 204, headers: request.headers.has('origin') ? headers : {} })
}

/** Made anew of its parts: a server's own kind of request is none that the runtime's `Request` copies. */
function getOf({ url, headers, signal }: Request): Request {
  return new Request(url, { headers, signal })
}

function headOf(answer: Answer): Response {
  const response = responseOf(answer)
  // Whatever was to be read of it is nobody's business any more, nor is how it ends.
  response.body?.cancel().catch(() => {})
  return new Response(null, { status: response.status, headers: response.headers })
}

function decorate({ headers }: Answer, request: Request, requestId: string, access: Access): void {
  headers.set('x-request-id', requestId)
  headers.set('x-content-type-options', 'nosniff')
  const origin = request.headers.get('origin')
  if (origin === null || !access.allows(origin)) return
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-expose-headers', 'etag, location, x-request-id, mcp-session-id')
  headers.append('vary', 'origin')
}
