import { CosmicError } from '../../base/index'
import { toJSON } from '../../block/index'
import { HttpProblem } from './problem'
import type { HttpNode } from './node'

const MAX_STREAMS = 64
/** Unread by one stream: as many events, or as many bytes. One more breaks it off, and its reader may come again. */
const MAX_WAITING = 1_000
const MAX_WAITING_BYTES = 8 * 2 ** 20
const HEARTBEAT_MS = 15_000

/** One stream: takes what was encoded once for all, or breaks off. */
interface Reader {
  take(bytes: Uint8Array): void
  end(): void
}

/** Server-sent events (HTML Living Standard, section 9.2) of what the client tells. */
export class EventStreams {
  readonly #node: HttpNode
  readonly #open = new Set<Reader>()
  readonly #encoder = new TextEncoder()
  /** What ends listening; empty while nobody reads. */
  #stops: (() => void)[] = []

  constructor(node: HttpNode) {
    this.#node = node
  }

  /** Ends with the request and with `close`. One whose reader is too slow breaks off as `limit`, with all that it had not read. */
  open(signal: AbortSignal): Response {
    if (this.#open.size >= MAX_STREAMS) throw new HttpProblem(503, 'limit', `at most ${MAX_STREAMS} streams of events`)
    let forget = () => false
    const body = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          const reader: Reader = {
            take(bytes) {
              if ((controller.desiredSize ?? 0) > -MAX_WAITING_BYTES) controller.enqueue(bytes)
              else if (forget()) controller.error(tooSlow())
            },
            end() {
              if (forget()) controller.close()
            },
          }
          forget = () => this.#forget(reader)
          this.#add(reader)
          signal.addEventListener('abort', () => reader.end(), { once: true })
          reader.take(this.#encoder.encode(': welcome\n\n'))
        },
        // Whoever cancels has closed it: to close it again throws.
        cancel: () => void forget(),
      },
      // The shortest counts as its share of both limits.
      { highWaterMark: 1, size: ({ byteLength }) => Math.max(byteLength, MAX_WAITING_BYTES / MAX_WAITING) },
    )
    return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
  }

  close(): void {
    for (const reader of [...this.#open]) reader.end()
  }

  #add(reader: Reader): void {
    if (this.#open.size === 0) this.#stops = this.#listen()
    this.#open.add(reader)
  }

  #forget(reader: Reader): boolean {
    if (!this.#open.delete(reader)) return false
    if (this.#open.size === 0) for (const stop of this.#stops.splice(0)) stop()
    return true
  }

  #listen(): (() => void)[] {
    const { client } = this.#node
    const send = (text: string) => {
      const bytes = this.#encoder.encode(text)
      for (const reader of [...this.#open]) reader.take(bytes)
    }
    const tell = (event: string, data: unknown) => send(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS)
    return [
      () => clearInterval(heartbeat),
      client.on('block', ({ block }) => tell('block', toJSON(block))),
      client.on('withdrawn', ({ block, code }) => tell('withdrawn', { id: block.id, code })),
      client.on('erased', ({ block }) => tell('erased', block)),
      client.on('refused', ({ peer, id, verdict }) =>
        tell('refused', { peer, id, status: verdict.status, summary: verdict.summary }),
      ),
      client.on('connected', event => tell('connected', event)),
      client.on('disconnected', ({ peer, remote, failure }) =>
        tell('disconnected', { peer, remote, code: failure?.code }),
      ),
    ]
  }
}

function tooSlow(): CosmicError {
  return new CosmicError({
    code: 'limit',
    field: 'events',
    message: 'a reader of events was too slow',
    limit: `${MAX_WAITING} events, or 8 MiB`,
  })
}
