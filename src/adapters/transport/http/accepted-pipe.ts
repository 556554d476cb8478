import type { Failure } from '../../../base/index'
import { LOW_WATER_BYTES, MessageConnection, weight, type MessagePipe } from '../message-connection'
import { takeBatch, toBase64, VERSION } from './wire'

/** Comments keep proxies from taking a quiet stream for a dead one. */
const HEARTBEAT_MS = 15_000
/** How long the other side may take to read what was written before the end. */
const CLOSE_MS = 2_000
/** How long a post may wait for a reader that paused, before it is asked to come again. */
const HOLD_MS = 20_000

/** The accepting side of a session: messages leave on its event stream, and come as posts. */
export class AcceptedPipe implements MessagePipe {
  readonly connection: MessageConnection
  readonly stream: ReadableStream<Uint8Array>
  buffered = 0
  /** Posts so far. */
  sequence = 0
  /** Whether one is being read. */
  posting = false
  /** What it is read from. */
  body: ReadableStreamDefaultReader<Uint8Array> | undefined

  readonly #encoder = new TextEncoder()
  readonly #queue: Uint8Array[] = []
  readonly #heartbeat: ReturnType<typeof setInterval>
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #events = 0
  #waitsForReader = false
  #reading = true
  #readers: (() => void)[] = []
  #notify: (() => void) | undefined
  /** What the last event says, once the end was asked for. */
  #end: string | undefined
  #ended = () => {}

  constructor(session: string, remote: string) {
    this.connection = new MessageConnection(this, { remote, initiator: false })
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.#controller = controller
          this.#say(`event: open\ndata: ${JSON.stringify({ session, version: VERSION })}\n\n`)
        },
        pull: () => this.#pull(),
        cancel: () => this.connection.end({ code: 'peer-gone', message: 'the event stream ended' }),
      },
      { highWaterMark: 0 },
    )
    this.#heartbeat = setInterval(() => {
      if (this.#waitsForReader) this.#say(': still here\n\n')
    }, HEARTBEAT_MS)
    ;(this.#heartbeat as { unref?: () => void }).unref?.()
    void this.connection.closed.then(() => this.#release())
  }

  write(message: Uint8Array): void {
    this.#queue.push(message)
    this.buffered += weight(message)
    if (this.#waitsForReader) this.#pull()
  }

  whenDrained(notify: () => void): void {
    this.#notify = notify
  }

  pause(): void {
    this.#reading = false
  }

  resume(): void {
    this.#reading = true
    this.#readers.splice(0).forEach(go => go())
  }

  /** Resolves when posts are taken again; `false` when that takes too long. */
  async readable(): Promise<boolean> {
    if (this.#reading) return true
    let timer: ReturnType<typeof setTimeout>
    const late = new Promise<false>(resolve => (timer = setTimeout(() => resolve(false), HOLD_MS)))
    const ready = new Promise<true>(resolve => this.#readers.push(() => resolve(true)))
    return Promise.race([ready, late]).finally(() => clearTimeout(timer))
  }

  async close(failure: Failure | undefined): Promise<void> {
    this.#end = `event: end\ndata: ${JSON.stringify(failure ? { code: failure.code } : {})}\n\n`
    let timer: ReturnType<typeof setTimeout> | undefined
    const ended = new Promise<void>(resolve => {
      this.#ended = resolve
      timer = setTimeout(resolve, CLOSE_MS)
    })
    if (this.#waitsForReader) this.#pull()
    await ended
    clearTimeout(timer)
  }

  /** A batch each time the reader of the stream wants more; the end after the last one. */
  #pull(): void {
    this.#waitsForReader = this.#queue.length === 0 && this.#end === undefined
    if (this.#waitsForReader) return
    if (this.#queue.length === 0) {
      this.#say(this.#end!)
      return this.#ended()
    }
    const { batch, messages } = takeBatch(this.#queue)
    this.#say(`id: ${this.#events++}\ndata: ${toBase64(batch)}\n\n`)
    for (const message of messages) this.buffered -= weight(message)
    if (this.buffered > LOW_WATER_BYTES) return
    const notify = this.#notify
    this.#notify = undefined
    notify?.()
  }

  #say(text: string): void {
    try {
      this.#controller.enqueue(this.#encoder.encode(text))
    } catch {
      this.connection.end({ code: 'peer-gone', message: 'the event stream ended' })
    }
  }

  #release(): void {
    clearInterval(this.#heartbeat)
    this.#queue.length = this.buffered = 0
    this.resume()
    void this.body?.cancel().catch(() => {})
    this.#ended()
    try {
      this.#controller.close()
    } catch {
      // The reader was there first.
    }
  }
}
