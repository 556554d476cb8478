import { CosmicError } from '../../base/index'

/** A message of JSON-RPC, as far as it is looked at here. */
type Message = Readonly<Record<string, unknown>>

/**
 * Calls that can be cancelled by another request. Clients count their calls from the same number, so the name of a session tells
 * them apart; of a session nothing is kept but its calls under way, and only who has its token can name it.
 */
export class CallsUnderWay {
  readonly #stops = new Map<string, () => void>()

  /** Cancels the call that a `notifications/cancelled` names. */
  hear(request: Request, { method, params }: Message): void {
    if (method !== 'notifications/cancelled' || typeof params !== 'object' || params === null) return
    const key = keyOf(request, (params as { requestId?: unknown }).requestId)
    if (key !== undefined) this.#stops.get(key)?.()
  }

  /** Rejects with `aborted` once the call is cancelled or its caller has gone. */
  async race<T>(request: Request, { id }: Message, work: () => Promise<T>): Promise<T> {
    const key = keyOf(request, id)
    let stop!: () => void
    const stopped = new Promise<never>((_, reject) => (stop = () => reject(new CosmicError({ code: 'aborted' }))))
    request.signal.addEventListener('abort', stop, { once: true })
    if (key !== undefined) this.#stops.set(key, stop)
    try {
      return await Promise.race([work(), stopped])
    } finally {
      request.signal.removeEventListener('abort', stop)
      if (key !== undefined && this.#stops.get(key) === stop) this.#stops.delete(key)
    }
  }
}

/** `undefined` for what no other request can name. */
function keyOf({ headers }: Request, id: unknown): string | undefined {
  const session = headers.get('mcp-session-id')
  if (session === null || (typeof id !== 'string' && typeof id !== 'number')) return undefined
  return JSON.stringify([headers.get('authorization'), session, id])
}
