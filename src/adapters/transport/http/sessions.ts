import { clock, random, timers } from '#platform'
import { CosmicError, concat, toBase64url, TokenBucket, type ErrorCode, type Failure } from '../../../base/index'
import type { Connection } from '../../../wire/index'
import { isLoopback } from '../is-loopback'
import { AcceptedPipe } from './accepted-pipe'
import {
  EVENTS,
  MAX_BATCH_BYTES,
  REASON_HEADER,
  SEQUENCE_HEADER,
  SESSION_HEADER,
  splitBatch,
  VERSION,
  VERSION_HEADER,
} from './wire'

const SESSION_BYTES = 24
/** New sessions a second in the long run, and at once. */
const OPENINGS = { rate: 50, burst: 100 }

export interface SessionsOptions {
  readonly maxConnections: number
  readonly origins: readonly string[] | '*' | undefined
}

/** The sessions of an accepting agent, as a web-standard handler of one path. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #open = new Map<string, AcceptedPipe>()
  readonly #openings = new TokenBucket({ clock, timers, ...OPENINGS })
  #onConnection: ((connection: Connection) => void) | undefined

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  /** Throws `address-in-use` while somebody listens already. */
  listen(onConnection: (connection: Connection) => void): () => void {
    if (this.#onConnection) throw new CosmicError({ code: 'address-in-use', hint: 'this transport listens already' })
    this.#onConnection = onConnection
    return () => {
      if (this.#onConnection === onConnection) this.#onConnection = undefined
    }
  }

  async answer(request: Request): Promise<Response> {
    const origin = request.headers.get('origin')
    try {
      this.#checkOrigin(origin)
      return shownTo(origin, request.method === 'OPTIONS' ? preflight() : await this.#answer(request))
    } catch (error) {
      if (error instanceof Refused) return error.response
      throw error
    }
  }

  async #answer(request: Request): Promise<Response> {
    const name = request.headers.get(SESSION_HEADER)
    if (request.method === 'POST') return name === null ? this.#begin(request) : this.#take(name, request)
    if (request.method === 'DELETE') return this.#finish(name, request)
    throw new Refused(405, { code: 'protocol', message: 'POST or DELETE' }, { allow: 'POST, DELETE' })
  }

  #checkOrigin(origin: string | null): void {
    const { origins } = this.#options
    if (origin === null || origins === '*') return
    if (origins ? origins.includes(origin) : isLoopback(origin)) return
    throw new Refused(403, { code: 'protocol', message: 'pages of this origin may not connect' })
  }

  #begin(request: Request): Response {
    const { maxConnections } = this.#options
    void request.body?.cancel().catch(() => {})
    if (request.headers.get(VERSION_HEADER) !== VERSION) {
      throw new Refused(400, { code: 'version', field: VERSION_HEADER, limit: VERSION })
    }
    if (!this.#onConnection) throw new Refused(503, { code: 'closed', message: 'this agent takes no new connections' })
    if (this.#open.size >= maxConnections)
      throw new Refused(503, { code: 'limit', field: 'connections', limit: maxConnections })
    if (!this.#openings.tryTake()) {
      throw new Refused(429, { code: 'limit', field: 'openings', limit: `${OPENINGS.rate} a second` })
    }
    const session = toBase64url(random.bytes(SESSION_BYTES))
    const pipe = new AcceptedPipe(session, `http session ${session.slice(0, 6)}`)
    this.#open.set(session, pipe)
    void pipe.connection.closed.then(() => this.#open.delete(session))
    // Where the runtime tells of a client that went away before it read anything, nothing else does.
    request.signal.addEventListener('abort', () => pipe.connection.end({ code: 'peer-gone' }), { once: true })
    this.#onConnection(pipe.connection)
    const headers = { 'content-type': EVENTS, 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
    return new Response(pipe.stream, { headers })
  }

  /**
   * Each post carries the next batch; what comes twice, out of turn or beside another one changes nothing. The last one again is
   * answered as it was: where a proxy repeats a post, its sender may hear the second answer alone.
   */
  async #take(name: string, request: Request): Promise<Response> {
    const pipe = this.#session(name)
    if (pipe.posting) throw new Refused(409, { code: 'protocol', message: 'one post at a time' })
    pipe.posting = true
    try {
      if (!(await pipe.readable())) throw new Refused(503, { code: 'limit', field: 'inbox' }, { 'retry-after': '1' })
      this.#session(name)
      const batch = await readBatch(request, pipe)
      this.#session(name)
      const sequence = request.headers.get(SEQUENCE_HEADER)
      if (pipe.sequence > 0 && sequence === String(pipe.sequence - 1)) return new Response(null, { status: 204 })
      if (sequence !== String(pipe.sequence)) {
        throw new Refused(409, { code: 'protocol', field: SEQUENCE_HEADER, limit: pipe.sequence })
      }
      const messages = splitBatch(batch)
      if (!messages) {
        pipe.connection.abort({ code: 'protocol', message: 'a malformed batch' })
        throw new Refused(400, { code: 'protocol', message: 'a malformed batch' })
      }
      pipe.sequence++
      for (const message of messages) pipe.connection.receive(message)
      return new Response(null, { status: 204 })
    } finally {
      pipe.posting = false
      pipe.body = undefined
    }
  }

  #finish(name: string | null, request: Request): Response {
    const pipe = this.#session(name)
    const reason = request.headers.get(REASON_HEADER)
    const code: ErrorCode = reason === 'limit' ? 'limit' : 'protocol'
    pipe.connection.end(reason === null ? undefined : { code, message: 'the other side ended the connection' })
    return new Response(null, { status: 204 })
  }

  #session(name: string | null): AcceptedPipe {
    const pipe = name === null ? undefined : this.#open.get(name)
    if (pipe) return pipe
    throw new Refused(404, { code: 'peer-gone', message: 'there is no such session' })
  }
}

class Refused extends Error {
  readonly response: Response

  constructor(status: number, failure: Failure, headers: Record<string, string> = {}) {
    super(failure.code)
    this.response = refusal(status, failure, headers)
  }
}

/** RFC 9457. */
function refusal(status: number, failure: Failure, headers: Record<string, string>): Response {
  const type = `urn:cosmic-embeddings:problem:${failure.code}`
  const { message, ...facts } = failure
  const title = message ?? failure.code
  const body = { type, title, status, detail: title, ...facts }
  const fixed = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  return new Response(JSON.stringify(body), { status, headers: { ...fixed, ...headers } })
}

/** No longer than the session: a server may give a body any time, and each holds as much as a batch has. */
async function readBatch(request: Request, pipe: AcceptedPipe): Promise<Uint8Array> {
  const tooLarge = new Refused(413, { code: 'too-large', field: 'body', limit: MAX_BATCH_BYTES })
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BATCH_BYTES) throw tooLarge
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = (pipe.body = request.body?.getReader())
  for (let next = await reader?.read(); next && !next.done; next = await reader!.read()) {
    chunks.push(next.value)
    length += next.value.length
    if (length <= MAX_BATCH_BYTES) continue
    await reader!.cancel().catch(() => {})
    throw tooLarge
  }
  return concat(...chunks)
}

function preflight(): Response {
  const headers = {
    'access-control-allow-methods': 'POST, DELETE',
    'access-control-allow-headers': [
      'content-type',
      VERSION_HEADER,
      SESSION_HEADER,
      SEQUENCE_HEADER,
      REASON_HEADER,
    ].join(', '),
    'access-control-max-age': '600',
  }
  return new Response(null, { status: 204, headers })
}

/** A page of another origin reads an answer only with its leave (CORS). */
function shownTo(origin: string | null, response: Response): Response {
  if (origin === null) return response
  response.headers.set('access-control-allow-origin', origin)
  response.headers.set('vary', 'origin')
  return response
}
