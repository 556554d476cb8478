import { abortSignal, func, having, list, record, text } from '../base/index'
import type { SyncClient } from '../client/index'

export interface KeepOptions {
  /** Ends the first attempts; `disconnect` and `close` of the client end the later ones. */
  readonly signal: AbortSignal
  /** Told of each first attempt that failed; the client tells of later ones (`unreachable`, `retry`). */
  readonly onFailure?: (address: string, error: unknown) => void
}

const readClient = having<SyncClient>('a SyncClient', 'connect')
const readAddresses = list(text, 10_000)
const readOptions = record<KeepOptions>({ signal: abortSignal, onFailure: func }, 'signal')

/**
 * Has the client dial each address until it answers, and keep it connected from then on. Resolves after the first attempts;
 * rejects only with `bad-type` and `missing-field` for arguments that are none.
 *
 * @example
 * ```ts
 * await keepConnected(node.client, node.config.peers, { signal: AbortSignal.timeout(5_000) })
 * ```
 */
export async function keepConnected(
  client: SyncClient,
  addresses: readonly string[],
  options: KeepOptions,
): Promise<void> {
  const { signal, onFailure = () => {} } = readOptions(options, '')
  readClient(client, 'client')
  await Promise.all(
    readAddresses(addresses, 'addresses').map(address =>
      client.connect(address, { signal, retry: true }).catch((error: unknown) => {
        if (!signal.aborted) onFailure(address, error)
      }),
    ),
  )
}
