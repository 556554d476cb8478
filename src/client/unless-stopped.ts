import { CosmicError, unlessAborted } from '../base/index'

/** What a client has open while it runs. */
interface Closable {
  close(): Promise<void>
}

/** Waits for no service that never answers: rejects with `closed` once `stop` fires; what opens all the same is closed. */
export async function unlessStopped<T extends Closable>(opening: Promise<T>, stop: AbortSignal): Promise<T> {
  try {
    return await unlessAborted(opening, stop)
  } catch (error) {
    if (!stop.aborted) throw error
    void opening.then(late => late.close()).catch(() => {})
    throw new CosmicError({ code: 'closed', hint: 'the client was closed before it had started' }, { cause: error })
  }
}
