import type { SyncClient } from '../client/index'

export interface KeepOptions {
  /** Ends the first attempts; `disconnect` and `close` of the client end the later ones. */
  readonly signal: AbortSignal
  /** Told of each first attempt that failed; the client tells of later ones (`unreachable`, `retry`). */
  readonly onFailure?: (address: string, error: unknown) => void
}

/**
 * Has the client dial each address until it answers, and keep it connected from then on. Resolves after the first attempts;
 * rejects never.
 *
 * @example
 * ```ts
 * await keepConnected(node.client, node.config.peers, { signal: AbortSignal.timeout(5_000) })
 * ```
 */
export async function keepConnected(
  client: SyncClient,
  addresses: readonly string[],
  { signal, onFailure = () => {} }: KeepOptions,
): Promise<void> {
  await Promise.all(
    addresses.map(address =>
      client.connect(address, { signal, retry: true }).catch((error: unknown) => {
        if (!signal.aborted) onFailure(address, error)
      }),
    ),
  )
}
