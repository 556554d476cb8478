import type { SyncClient } from '../client/index'

const FIRST_MS = 500
const LONGEST_MS = 30_000

export interface KeepOptions {
  readonly signal: AbortSignal
  /** Told of each attempt that failed; the next one follows by itself. */
  readonly onFailure?: (address: string, error: unknown) => void
}

/**
 * Dials each address until it answers, waiting longer after each failure, up to 30 s; from then on the client itself keeps it
 * connected. Ends with the signal; rejects never.
 */
export async function keepConnected(
  client: SyncClient,
  addresses: readonly string[],
  { signal, onFailure = () => {} }: KeepOptions,
): Promise<void> {
  await Promise.all(
    addresses.map(async address => {
      for (let wait = FIRST_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_MS)) {
        try {
          await client.connect(address, { signal })
          return
        } catch (error) {
          if (signal.aborted) return
          onFailure(address, error)
        }
        await pause(wait * (0.5 + Math.random() / 2), signal)
      }
    }),
  )
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(end, ms)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
