import { toJSON } from '../../block/index'
import { HttpProblem } from './problem'
import type { HttpNode } from './node'

const MAX_STREAMS = 64
/** Events that wait for a slow reader; one more ends its stream, and it may come again. */
const MAX_WAITING = 1_000
const HEARTBEAT_MS = 15_000

/** Server-sent events (HTML Living Standard, section 9.2) of what the client tells. */
export class EventStreams {
  readonly #node: HttpNode
  readonly #open = new Set<() => void>()

  constructor(node: HttpNode) {
    this.#node = node
  }

  /** Ends with the request, with `close`, and when its reader is too slow. */
  open(signal: AbortSignal): Response {
    if (this.#open.size >= MAX_STREAMS) throw new HttpProblem(503, 'limit', `at most ${MAX_STREAMS} streams of events`)
    const encoder = new TextEncoder()
    let end = () => {}
    let forget = () => false
    const body = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          const send = (text: string) => {
            if ((controller.desiredSize ?? 0) <= -MAX_WAITING) end()
            else controller.enqueue(encoder.encode(text))
          }
          const stops = this.#listen(send)
          forget = () => {
            if (!this.#open.delete(end)) return false
            stops.forEach(stop => stop())
            return true
          }
          end = () => {
            if (forget()) controller.close()
          }
          this.#open.add(end)
          signal.addEventListener('abort', end, { once: true })
          send(': welcome\n\n')
        },
        // Whoever cancels has closed it: to close it again throws.
        cancel: () => void forget(),
      },
      { highWaterMark: 1 },
    )
    return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
  }

  close(): void {
    for (const end of [...this.#open]) end()
  }

  #listen(send: (text: string) => void): (() => void)[] {
    const { client } = this.#node
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
