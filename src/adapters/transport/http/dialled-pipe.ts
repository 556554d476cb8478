import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { CosmicError, type ErrorCode, type Failure } from '../../../base/index'
import { LOW_WATER_BYTES, MessageConnection, weight, type MessagePipe } from '../message-connection'
import {
  EVENTS,
  FRAMES,
  fromBase64,
  MAX_BATCH_BYTES,
  REASON_HEADER,
  SEQUENCE_HEADER,
  SESSION_HEADER,
  splitBatch,
  takeBatch,
  VERSION,
  VERSION_HEADER,
} from './wire'

/** How long the other side may take over what was written before the end. */
const CLOSE_MS = 2_000
/** An event of the largest batch, and its names. */
const MAX_EVENT_CHARS = Math.ceil(MAX_BATCH_BYTES / 3) * 4 + 1_024
const RETRY_MS = 250
const MAX_REFUSAL_CHARS = 65_536

export interface DialOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly headers: Readonly<Record<string, string>>
}

/** The dialling side of a session: messages leave as posts, one after the other, and come on an event stream. */
export class DialledPipe implements MessagePipe {
  readonly connection: MessageConnection
  /** Resolves once the session stands; rejects as `Transport.dial` does. */
  readonly opened: Promise<void>
  buffered = 0

  readonly #url: string
  readonly #options: DialOptions
  readonly #stop = new AbortController()
  readonly #queue: Uint8Array[] = []
  #session = ''
  #sequence = 0
  #events = 0
  #isPosting = false
  #resumed: Promise<void> | undefined
  #resume = () => {}
  #notify: (() => void) | undefined
  #idle: (() => void) | undefined
  #onOpen!: () => void

  constructor(url: string, remote: string, options: DialOptions) {
    this.#url = url
    this.#options = options
    this.connection = new MessageConnection(this, { remote, initiator: true })
    void this.connection.closed.then(() => this.#release())
    this.opened = new Promise((resolve, reject) => {
      this.#onOpen = resolve
      this.#listen().catch((error: unknown) => {
        reject(error instanceof CosmicError ? error : unreachable(this.connection.remote, error))
        this.connection.end({ code: 'peer-gone', message: String(error) })
      })
    })
    this.opened.catch(() => {})
  }

  /** Gives up what was begun. */
  abandon(): void {
    this.connection.end({ code: 'aborted' })
  }

  write(message: Uint8Array): void {
    this.#queue.push(message)
    this.buffered += weight(message)
    void this.#post()
  }

  whenDrained(notify: () => void): void {
    this.#notify = notify
  }

  pause(): void {
    this.#resumed ??= new Promise(resolve => (this.#resume = resolve))
  }

  resume(): void {
    this.#resumed = undefined
    this.#resume()
  }

  async close(failure: Failure | undefined): Promise<void> {
    this.resume()
    const posted = new Promise<void>(resolve => (this.#idle = resolve))
    if (!this.#isPosting) this.#idle!()
    const late = setTimeout(() => this.#stop.abort(), CLOSE_MS)
    await posted
    const reason = failure && { [REASON_HEADER]: failure.code === 'limit' ? 'limit' : 'protocol' }
    await this.#ask('DELETE', { ...reason }).catch(() => {})
    clearTimeout(late)
  }

  #ask(method: string, headers: Record<string, string>, body?: Uint8Array<ArrayBuffer>): Promise<Response> {
    const session = this.#session === '' ? {} : { [SESSION_HEADER]: this.#session }
    return this.#options.fetch(this.#url, {
      method,
      // No runtime follows it, and not every one knows `error`.
      redirect: 'manual',
      signal: this.#stop.signal,
      headers: { ...this.#options.headers, ...session, ...headers },
      ...(body && { body }),
    })
  }

  async #listen(): Promise<void> {
    const response = await this.#ask('POST', { accept: EVENTS, [VERSION_HEADER]: VERSION })
    if (!response.ok || !response.body || !response.headers.get('content-type')?.startsWith(EVENTS)) {
      throw await refusalOf(this.connection.remote, response)
    }
    const waiting: EventSourceMessage[] = []
    let failed = false
    const parser = createParser({
      maxBufferSize: MAX_EVENT_CHARS,
      onEvent: event => void waiting.push(event),
      onError: ({ type }) => (failed ||= type === 'max-buffer-size-exceeded'),
    })
    const [reader, decoder] = [response.body.getReader(), new TextDecoder()]
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parser.feed(decoder.decode(next.value, { stream: true }))
      for (const event of waiting.splice(0)) this.#hear(event)
      if (failed) return this.connection.abort({ code: 'limit', field: 'event', limit: MAX_EVENT_CHARS })
      await this.#resumed
    }
    throw new CosmicError({ code: 'peer-gone', message: 'the event stream ended' })
  }

  #hear({ event, id, data }: EventSourceMessage): void {
    if (event === 'open') return this.#begin(data)
    if (event === 'end') return this.connection.end(endingOf(data))
    const batch = fromBase64(data)
    const messages = batch && splitBatch(batch)
    if (!messages || id !== String(this.#events)) {
      return this.connection.abort({ code: 'protocol', message: 'an event out of turn, or malformed' })
    }
    this.#events++
    for (const message of messages) this.connection.receive(message)
  }

  #begin(data: string): void {
    const { session } = parsed(data)
    if (this.#session !== '' || typeof session !== 'string' || !/^[\w-]{16,128}$/.test(session)) {
      return this.connection.abort({ code: 'protocol', message: 'a malformed session' })
    }
    this.#session = session
    this.#onOpen()
    void this.#post()
  }

  /** One post at a time: the order of messages is that of posts. */
  async #post(): Promise<void> {
    if (this.#isPosting || this.#session === '') return
    this.#isPosting = true
    try {
      while (this.#queue.length > 0) {
        const { batch, messages } = takeBatch(this.#queue)
        await this.#deliver(batch)
        for (const message of messages) this.buffered -= weight(message)
        this.#tellDrained()
      }
    } catch (error) {
      this.connection.end(
        error instanceof CosmicError ? failureOf(error) : { code: 'peer-gone', message: String(error) },
      )
    } finally {
      this.#isPosting = false
      this.#idle?.()
    }
  }

  async #deliver(batch: Uint8Array<ArrayBuffer>): Promise<void> {
    const headers = { 'content-type': FRAMES, [SEQUENCE_HEADER]: String(this.#sequence) }
    for (;;) {
      const response = await this.#ask('POST', headers, batch)
      await response.body?.cancel()
      if (response.status === 204) break
      if (response.status !== 503)
        throw new CosmicError({ code: codeOf(response.status), message: `answered ${response.status}` })
      await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
    this.#sequence++
  }

  #tellDrained(): void {
    if (this.buffered > LOW_WATER_BYTES) return
    const notify = this.#notify
    this.#notify = undefined
    notify?.()
  }

  #release(): void {
    this.#queue.length = this.buffered = 0
    this.resume()
    this.#stop.abort()
  }
}

function parsed(data: string): Record<string, unknown> {
  try {
    return (JSON.parse(data) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

function endingOf(data: string): Failure | undefined {
  const { code } = parsed(data)
  if (code === undefined) return undefined
  return { code: code === 'limit' ? 'limit' : 'protocol', message: 'the other side ended the connection' }
}

function codeOf(status: number): ErrorCode {
  return status === 404 || status >= 500 ? 'peer-gone' : 'protocol'
}

function failureOf({ code, message }: CosmicError): Failure {
  return { code, message }
}

function unreachable(remote: string, cause: unknown): CosmicError {
  return new CosmicError({ code: 'unreachable', message: `nobody answers at ${remote}` }, { cause })
}

async function refusalOf(remote: string, response: Response): Promise<CosmicError> {
  const { code } = parsed(await startOf(response))
  if (code === 'limit') return new CosmicError({ code: 'limit', message: `${remote} takes no more connections now` })
  return new CosmicError({ code: 'unreachable', message: `${remote} answered ${response.status}` })
}

/** Of what a refusal says, as much as a problem document has: whoever answers may go on for ever. */
async function startOf({ body }: Response): Promise<string> {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (text.length < MAX_REFUSAL_CHARS) {
      const next = await reader?.read()
      if (!next || next.done) break
      text += decoder.decode(next.value, { stream: true })
    }
  } catch {
    // What was cut says nothing.
  }
  await reader?.cancel().catch(() => {})
  return text
}
