import type { Duplex } from 'node:stream'
import { HttpProblem, problemAnswer } from './problem'
import { responseOf, type WholeAnswer } from './whole-answer'

/** What Node's parser refuses, by its own codes; anything else is no HTTP. */
const OF_PARSER: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'too-large', 'the head is larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout', 'the head took too long'],
}
const NO_HTTP = [400, 'bad-request', 'this is no HTTP request'] as const
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** For a head of which no request can be made, such as one without a host; or for what failed beside. */
export function badRequest(fault?: unknown): Response {
  return responseOf(
    problemOf(fault ?? new HttpProblem(400, 'bad-request', 'the host or the target of this request is none')),
  )
}

/** Answers what never became a request, and ends the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Whoever has gone, or has been answered in part, is told nothing more.
  const isAnswering = (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent === true
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy()
    return
  }
  const [status, code, detail] = OF_PARSER[error.code ?? ''] ?? NO_HTTP
  const { body, headers } = problemOf(new HttpProblem(status, code, detail))
  headers.set('content-length', String(Buffer.byteLength(body)))
  headers.set('connection', 'close')
  const head = headers.entries().map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]!}\r\n${head.join('')}\r\n${body as string}`)
}

function problemOf(problem: unknown): WholeAnswer {
  const requestId = crypto.randomUUID()
  const answer = problemAnswer(problem, requestId)
  answer.headers.set('x-request-id', requestId)
  answer.headers.set('x-content-type-options', 'nosniff')
  return answer
}
