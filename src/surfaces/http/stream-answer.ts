import type { ServerResponse } from 'node:http'

export interface BrokenAnswer {
  readonly requestId: string
  readonly error: unknown
}

/** Writes a body as fast as its reader takes it. One that breaks off cuts the connection, and never looks whole. */
export async function stream(
  { status, headers }: Response,
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  onBroken: ((broken: BrokenAnswer) => void) | undefined,
): Promise<void> {
  const reader = body.getReader()
  const fail = (error: unknown) => {
    // Whoever left made the rest of it fail: that is nobody's fault.
    if (outgoing.destroyed) return
    outgoing.destroy()
    onBroken?.({ requestId: headers.get('x-request-id') ?? '', error })
  }
  outgoing.once('close', () => void reader.cancel().catch(() => {}))
  // A body that gives up on a reader who takes nothing must not wait until he does.
  reader.closed.catch(fail)
  outgoing.writeHead(status, Object.fromEntries(headers))
  outgoing.flushHeaders()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (outgoing.destroyed) return
      if (!outgoing.write(next.value)) await drained(outgoing)
    }
    if (!outgoing.destroyed) outgoing.end()
  } catch (error) {
    fail(error)
  }
}

/** Once the reader takes more, or is gone. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const go = () => {
      outgoing.off('drain', go).off('close', go)
      resolve()
    }
    outgoing.on('drain', go).on('close', go)
    if (outgoing.destroyed) go()
  })
}
