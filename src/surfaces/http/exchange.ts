import { CosmicError, fields, refuse, text } from '../../base/index'
import { HttpError, problemOf } from './http-error'

/** What goes with a question. */
export interface Question {
  readonly json?: unknown
  readonly body?: Uint8Array
  readonly type?: string
  readonly signal?: AbortSignal | undefined
}

export interface ExchangeOptions {
  readonly token?: string
  readonly fetch?: (request: Request) => Promise<Response>
  readonly maxBytes?: number
}

/** Of the answers that are read whole. */
const MAX_BYTES = 2 ** 28
const MAX_PROBLEM = 65_536

/** Questions to one server. It may be any: what it answers is bounded, and is a value as asked for or an error of ours. */
export class Exchange {
  readonly #base: string
  readonly #host: string
  readonly #options: ExchangeOptions

  /** Throws `bad-type`, and `bad-address` without showing what it was: names and passwords may stand in it. */
  constructor(url: string, options: ExchangeOptions) {
    const at = tried(() => new URL(text(url, 'url')))
    if (!at || !/^https?:$/.test(at.protocol)) {
      throw new CosmicError({ code: 'bad-address', field: 'url', hint: 'http:// or https://' })
    }
    const { username, password, search, hash, host } = at
    if (username + password + search + hash !== '') {
      throw new CosmicError({ code: 'bad-address', field: 'url', hint: 'without a name, a password, a query or a #' })
    }
    this.#base = url.replace(/[/?#]+$/, '')
    this.#host = host
    this.#options = options
  }

  /** An answer in JSON: an object in which `lists` are lists, `names` texts and `counts` numbers. */
  async json<T>(method: string, path: string, shape: Shape, question?: Question): Promise<T> {
    const { lists = [], names = [], counts = [] } = shape
    const response = await this.send(method, path, question)
    const body = await readText(response, this.#options.maxBytes ?? MAX_BYTES, question?.signal)
    const value = tried(() => JSON.parse(body) as Record<string, unknown>)
    const isAsked =
      typeof value === 'object' &&
      lists.every(name => Array.isArray(value[name])) &&
      names.every(name => typeof value[name] === 'string') &&
      counts.every(name => Number.isSafeInteger(value[name]))
    if (isAsked) return value as T
    throw new HttpError(response.status, { code: 'bad-json', detail: 'this is no answer of a node' })
  }

  /** A body of one media type, as it comes. */
  async stream(path: string, type: string, question?: Question): Promise<Response & { body: object }> {
    const response = await this.send('GET', path, question)
    const { body, headers, status } = response
    if (body && headers.get('content-type')?.split(';', 1)[0]!.trim().toLowerCase() === type) {
      return response as Response & { body: object }
    }
    await body?.cancel().catch(() => {})
    throw new HttpError(status, { code: 'bad-type', detail: `the answer is no ${type}` })
  }

  /** Rejects with `unreachable`, `aborted`, or the problem that is answered. */
  async send(method: string, path: string, { json, body, type, signal }: Question = {}): Promise<Response> {
    const { token, fetch = globalThis.fetch } = this.#options
    const content = json === undefined ? body : jsonOf(json)
    const request = new Request(this.#base + path, {
      method,
      headers: {
        accept: 'application/json, */*;q=0.1',
        ...(content !== undefined && { 'content-type': type ?? 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(content !== undefined && { body: content as BodyInit }),
      ...(signal && { signal }),
    })
    const response = await fetch(request).catch((cause: unknown) => {
      if (signal?.aborted) throw new CosmicError({ code: 'aborted' }, { cause })
      throw new CosmicError({ code: 'unreachable', message: `no answer from ${this.#host}` }, { cause })
    })
    if (response.ok) return response
    const problem = await readText(response, MAX_PROBLEM, signal).catch((error: unknown) => {
      if (signal?.aborted) throw error
      return ''
    })
    const told = tried(() => JSON.parse(problem) as object)
    throw problemOf(response.status, told)
  }
}

/** What an answer must hold, as far as it is looked at here. */
export interface Shape {
  readonly lists?: readonly string[]
  readonly names?: readonly string[]
  readonly counts?: readonly string[]
}

/** Rejects with `too-large`, `aborted` and `truncated`. */
async function readText(response: Response, most: number, signal: AbortSignal | undefined): Promise<string> {
  const { body, status } = response
  const tooLarge = () => new HttpError(status, { code: 'too-large', limit: most, detail: 'the answer is too large' })
  if (Number(response.headers.get('content-length') ?? 0) > most) {
    await body?.cancel().catch(() => {})
    throw tooLarge()
  }
  let [length, read] = [0, '']
  const decoder = new TextDecoder()
  for await (const chunk of pieces(body, status, signal)) {
    length += chunk.length
    if (length > most) throw tooLarge()
    read += decoder.decode(chunk, { stream: true })
  }
  return read + decoder.decode()
}

/** A body as it comes; whoever leaves it lets it go. Rejects with `aborted` and `truncated`. */
export async function* pieces(
  body: ReadableStream<Uint8Array> | null,
  status: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body?.getReader()
  if (!reader) return
  const next = () =>
    reader.read().catch((cause: unknown) => {
      if (signal?.aborted) throw new CosmicError({ code: 'aborted' }, { cause })
      throw new HttpError(status, { code: 'truncated', detail: 'the answer broke off' })
    })
  try {
    for (let each = await next(); !each.done; each = await next()) yield each.value
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** Throws `bad-type` for what has no JSON, such as a bigint. */
function jsonOf(value: unknown): string {
  const given = fields(value, 'request')
  return tried(() => JSON.stringify(given)) ?? refuse('bad-type', 'request', 'an object of JSON values')
}

/** `undefined` (or for JSON `null`) where there is no such thing; a refusal of ours passes through. */
function tried<T extends object | string>(step: () => T | null): T | undefined {
  try {
    return step() ?? undefined
  } catch (error) {
    if (error instanceof CosmicError) throw error
    return undefined
  }
}
