import type { ServerResponse } from 'node:http'
import { CosmicError } from '../../base/index'
import { badRequest, refuseConnection } from './bad-request'
import { openHandler, type HttpOptions } from './http-handler'
import { readNode, type HttpNode } from './node'
import { readServeOptions } from './read-options'
import { stream, type BrokenAnswer } from './stream-answer'
import { responseOf, WholeAnswer, type Answer } from './whole-answer'

export interface ServeOptions extends HttpOptions {
  /** TCP port; any free one (0) by default. */
  readonly port?: number
  /** `127.0.0.1` by default: only this machine. Anything else needs `tokens` and `hosts`. */
  readonly host?: string
  /** Connections at once (default 4,096); further ones wait. */
  readonly maxConnections?: number
  /** Told of an answer that broke off after it had begun, such as an export; its connection is cut, so that nobody takes it for whole. */
  readonly onBroken?: (broken: BrokenAnswer) => void
}

export interface HttpServer {
  readonly url: string
  /** Takes no new connections, lets answers under way end for up to `graceMs` (default 5,000), then ends them. */
  close(options?: { graceMs?: number }): Promise<void>
}

const SWEEP_MS = 50
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/

/**
 * Serves a node over HTTP (Node only). Rejects with `address-in-use`, `bad-address`, and `missing-field` when it would be open
 * to the network without tokens or host names.
 *
 * @example
 * ```ts
 * const server = await serveHttp(await createNode(), { port: 8080 })
 * console.log(server.url)
 * ```
 */
export async function serveHttp(node: HttpNode, options: ServeOptions = {}): Promise<HttpServer> {
  const { port = 0, host = '127.0.0.1', maxConnections = 4_096, onBroken, ...http } = readServeOptions(options, '')
  readNode(node, 'node')
  if (!LOOPBACK.test(host)) {
    for (const field of ['tokens', 'hosts'] as const) {
      if (!options[field]?.length) {
        throw new CosmicError({ code: 'missing-field', field, hint: `${host} opens the node to the network` })
      }
    }
  }
  const { createAdaptorServer, getRequestListener, RequestError } = await loadNodeServer()
  const handler = openHandler(node, http)
  type Fetch = Parameters<typeof getRequestListener>[0]
  const fetch: Fetch = async (request, { outgoing }) =>
    answerOn(outgoing as ServerResponse, await handler.answer(request), onBroken)
  // A library does not put its own Request and Response in place of the application's.
  const shared = { overrideGlobalObjects: false }
  // Whoever sends slowly has 20 seconds for a request's head, and no end of time for an import.
  const times = { headersTimeout: 20_000, requestTimeout: 0, keepAliveTimeout: 5_000 }
  // Node would refuse a missing host with an empty answer.
  const serverOptions = { ...times, maxHeaderSize: 16_384, requireHostHeader: false }
  const server = createAdaptorServer({ ...shared, fetch, serverOptions }) as import('node:http').Server
  // Which hands on no way to say what is wrong with a head.
  const errorHandler = (error: unknown) => badRequest(error instanceof RequestError ? undefined : error)
  server.removeAllListeners('request')
  const listener = getRequestListener(fetch, { ...shared, errorHandler })
  server.on('request', (incoming, outgoing) => void listener(incoming, outgoing))
  server.on('clientError', refuseConnection)
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(asCosmic(error, host, port)))
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as { port: number }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close({ graceMs = 5_000 } = {}) {
      handler.close()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      // Connections that fall idle later would otherwise be kept for their next request.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
      const timer = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearInterval(sweep)
      clearTimeout(timer)
    },
  }
}

/** Writes bodies itself: the server library would end one that breaks off with the error's text, as if it belonged to it. */
function answerOn(outgoing: ServerResponse, answer: Answer, onBroken: ServeOptions['onBroken']): Response {
  if (outgoing.destroyed) return responseOf(answer)
  if (answer instanceof WholeAnswer) {
    const { body, status, headers } = answer
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
    headers.set('content-length', String(length))
    outgoing.writeHead(status, headers.flat)
    outgoing.end(body)
  } else {
    if (answer.body === null) return answer
    void stream(answer, answer.body, outgoing, onBroken)
  }
  return (written ??= new Response(null, { headers: { 'x-hono-already-sent': 'true' } }))
}

/** What the server library takes for an answer that was written already (its `utils/response`). */
let written: Response | undefined

/** By a name that no bundler follows: what it imports is Node’s alone, and the handler is for every runtime. */
async function loadNodeServer(): Promise<typeof import('@hono/node-server')> {
  const name: string = '@hono/node-server'
  return (await import(/* @vite-ignore */ name)) as typeof import('@hono/node-server')
}

function asCosmic(error: NodeJS.ErrnoException, host: string, port: number): CosmicError {
  const isTaken = error.code === 'EADDRINUSE'
  const message = isTaken ? `port ${port} on ${host} is in use` : `cannot listen on ${host}:${port}`
  return new CosmicError({ code: isTaken ? 'address-in-use' : 'bad-address', message }, { cause: error })
}
