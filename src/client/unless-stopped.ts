import { CosmicError } from '../base/index'

/** What a client has open while it runs. */
interface Closable {
  close(): Promise<void>
}

/** Waits for no service that never answers: rejects with `closed` once `stop` fires; what opens all the same is closed. */
export async function unlessStopped<T extends Closable>(opening: Promise<T>, stop: AbortSignal): Promise<T> {
  let quit = () => {}
  const stopped = new Promise<never>((_, reject) => {
    quit = () => reject(new CosmicError({ code: 'closed', hint: 'the client was closed before it had started' }))
    stop.addEventListener('abort', quit)
    if (stop.aborted) quit()
  })
  try {
    return await Promise.race([stopped, opening])
  } catch (error) {
    if (stop.aborted) void opening.then(late => late.close()).catch(() => {})
    throw error
  } finally {
    stop.removeEventListener('abort', quit)
  }
}
